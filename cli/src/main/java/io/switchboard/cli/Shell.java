package io.switchboard.cli;

import io.switchboard.cli.channel.Time;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * What a command is started with.
 *
 * @param environment all variables
 * @param out what a command prints that may be bytes; unlike {@code System.out} it tells when nobody reads it any more
 * @param terminals which of the three streams are shown to a person
 */
record Shell(Map<String, String> environment, InputStream in, OutputStream out, Set<Stream> terminals, Time time) {
    /** The three streams of a process. */
    enum Stream {
        IN,
        OUT,
        ERR
    }

    /** Set by the launcher, since Java tells of no stream by itself whether it is a terminal. */
    private static final String TERMINALS = "switchboard.terminals";

    static Shell ofProcess() {
        Set<Stream> terminals = EnumSet.noneOf(Stream.class);
        String named = System.getProperty(TERMINALS, "");
        for (Stream stream : Stream.values()) {
            if (named.contains(stream.name().toLowerCase(Locale.ROOT))) terminals.add(stream);
        }
        return new Shell(System.getenv(), System.in, new FileOutputStream(FileDescriptor.out), terminals, Time.REAL);
    }

    boolean isTerminal(Stream stream) {
        return terminals.contains(stream);
    }
}
