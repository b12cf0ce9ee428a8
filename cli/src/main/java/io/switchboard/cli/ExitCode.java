package io.switchboard.cli;

/** What the process tells its caller when it ends; docs/configuration.md lists the same. */
final class ExitCode {
    static final int OK = 0;
    /** The server could not start, or could not stop in time. */
    static final int FAILED = 1;
    /** A mistake on the command line or in the configuration. */
    static final int USAGE = 2;

    private ExitCode() {}
}
