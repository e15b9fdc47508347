/** Of the command line tool and the server in it. */
export const version = "0.1.0"
