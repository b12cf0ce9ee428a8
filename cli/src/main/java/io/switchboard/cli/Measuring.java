package io.switchboard.cli;

import io.switchboard.bench.BenchFailure;
import io.switchboard.bench.Halt;
import io.switchboard.bench.Progress;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** What all commands share that measure: how they tell how it goes on, and how they end. */
final class Measuring {
    /** What a shell expects of whoever was ended by Ctrl-C. */
    static final int INTERRUPTED = 130;

    @Option(
            names = {"-q", "--quiet"},
            order = 44,
            description = "Do not say on stderr how it goes on.")
    private boolean quiet;

    Progress progress(Notes notes) {
        return text -> {
            if (quiet) return;
            if (notes.showsProgress()) notes.progress(text);
            else notes.note(text);
        };
    }

    /** The first signal ends the run with a summary, the second the process. */
    static Halt haltOnSignal() {
        Halt halt = new Halt();
        StopRequests requests = new StopRequests().listen();
        Thread.ofPlatform().daemon().name("stop").start(() -> {
            try {
                requests.next();
                halt.stop();
                requests.next();
                Runtime.getRuntime().halt(INTERRUPTED);
            } catch (InterruptedException ended) {
                Thread.currentThread().interrupt();
            }
        });
        return halt;
    }

    /** Says what went wrong; returns the exit code. */
    static int failed(BenchFailure failure, Notes notes) {
        notes.warn(String.valueOf(failure.getMessage()));
        return switch (failure.kind()) {
            case USAGE -> ExitCode.USAGE;
            case FAILED -> ExitCode.FAILED;
            case STOPPED -> INTERRUPTED;
        };
    }

    /**
     * A file to be written at the end, looked at before anything is measured: nobody waits for minutes to be told then.
     *
     * @param option as it is typed
     * @param name null where none is asked for
     * @throws ParameterException if none can be written there
     */
    static @Nullable Path file(String option, @Nullable String name, CommandSpec spec) {
        if (name == null) return null;
        try {
            Path file = Path.of(name);
            Path folder = file.toAbsolutePath().getParent();
            if (!Files.isDirectory(file) && folder != null && Files.isWritable(folder)) return file;
        } catch (InvalidPathException none) {
            throw new ParameterException(spec.commandLine(), option + " is not the name of a file.");
        }
        throw new ParameterException(
                spec.commandLine(), option + " names a file in a folder that may be written to, not " + name + ".");
    }
}
