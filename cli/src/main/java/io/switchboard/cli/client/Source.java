package io.switchboard.cli.client;

import java.io.IOException;

/** One way to read a channel. */
interface Source {
    /**
     * Reads until the connection ends or there is no more; blocks.
     *
     * @param from an offset or {@code -1}
     * @throws IOException if the connection is lost or cannot be made; what was told to the listener holds
     */
    End read(String from, Listener listener) throws IOException, InterruptedException;
}
