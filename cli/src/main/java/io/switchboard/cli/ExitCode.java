package io.switchboard.cli;

import io.switchboard.cli.place.Failure;

/** What the process tells its caller when it ends; docs/configuration.md and docs/guide.md list the same. */
final class ExitCode {
    static final int OK = 0;
    /** The server could not start, or could not stop in time; or it refused what a client asked for. */
    static final int FAILED = 1;
    /** A mistake on the command line, in the configuration or in what was to be published. */
    static final int USAGE = 2;
    /** No server answers. */
    static final int UNREACHABLE = 3;
    /** There is no such channel. */
    static final int NOT_FOUND = 4;
    /** The channel is deleted, or the offset to resume from is gone. */
    static final int GONE = 5;

    private ExitCode() {}

    static int of(Failure failure) {
        return switch (failure.kind()) {
            case USAGE -> USAGE;
            case UNREACHABLE -> UNREACHABLE;
            case NOT_FOUND -> NOT_FOUND;
            case GONE -> GONE;
            case REFUSED -> FAILED;
        };
    }
}
