package io.switchboard.bench.own;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.InvocationTargetException;

/** Where the server's process begins: with the end of its input, however whoever started it ended, it ends too. */
public final class Leash {
    /** The server's own beginning, which this tool knows by name alone. */
    static final String PROGRAM = "io.switchboard.cli.Program";

    private Leash() {}

    public static void main(String[] arguments) throws ReflectiveOperationException {
        Thread.ofPlatform().daemon().name("leash").start(() -> hold(System.in));
        try {
            Class.forName(PROGRAM).getMethod("main", String[].class).invoke(null, (Object) arguments);
        } catch (InvocationTargetException failed) {
            throw new IllegalStateException("the server could not begin", failed.getCause());
        }
    }

    private static void hold(InputStream in) {
        try {
            in.transferTo(java.io.OutputStream.nullOutputStream());
        } catch (IOException gone) {
            // as good as the end
        }
        Runtime.getRuntime().halt(0);
    }
}
