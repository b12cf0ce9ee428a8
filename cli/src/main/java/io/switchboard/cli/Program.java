package io.switchboard.cli;

import java.io.PrintStream;
import java.io.PrintWriter;
import java.util.Optional;
import org.slf4j.LoggerFactory;

/**
 * Where the process begins. A plain {@code serve}, which is how servers are started, is read without picocli: its classes
 * are of a format that no AOT cache takes, and cost more than everything else until the server is ready. Whatever is not
 * plain is {@link Main}'s.
 */
public final class Program {
    private Program() {}

    public static void main(String... arguments) throws InterruptedException {
        Optional<ServeArguments> plain = ServeArguments.plain(arguments);
        if (plain.isEmpty()) {
            Main.main(arguments);
            return;
        }
        Serving serving = new Serving(System.getenv(), printing(System.out), printing(System.err));
        int code = ExitCode.FAILED;
        try {
            code = serving.run(plain.get());
        } catch (RuntimeException | Error ours) { // whose threads would keep the process, and hear no signal
            // only now: other commands have no use for a logger
            LoggerFactory.getLogger(Program.class).error("The server ended by a fault of its own", ours);
        }
        System.exit(code);
    }

    private static PrintWriter printing(PrintStream stream) {
        return new PrintWriter(stream, true, stream.charset());
    }
}
