package io.switchboard.cli;

import io.switchboard.bench.BenchFailure;
import io.switchboard.bench.Plan;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** One mode of {@code bench}: makes a plan of its options, which is run. */
abstract class BenchMode implements Callable<Integer> {
    private final Shell shell;

    @Spec
    private CommandSpec spec = CommandSpec.create(); // replaced by picocli

    @Mixin
    private BenchOptions options = new BenchOptions();

    BenchMode(Shell shell) {
        this.shell = shell;
    }

    /** How large messages are, for modes that send some. */
    static final class Size {
        @Option(
                names = "--size",
                paramLabel = "BYTES",
                order = 8,
                description = "Bytes of a message, 48 to 1,048,576. Default: 128.")
        int bytes = 128;
    }

    abstract Plan plan();

    /** How long it usually takes. */
    BenchOptions.Lengths lengths() {
        return BenchOptions.Lengths.RUN;
    }

    /**
     * How its readers come.
     *
     * @throws BenchFailure if what was typed of that does not go together
     */
    HttpOptions.Chosen http() throws BenchFailure {
        return HttpOptions.Chosen.HTTP_1;
    }

    /** A rate that was typed or not. */
    static OptionalDouble optional(@Nullable Double rate) {
        return rate == null ? OptionalDouble.empty() : OptionalDouble.of(rate);
    }

    @Override
    public final Integer call() {
        return options.run(this, spec, shell);
    }
}
