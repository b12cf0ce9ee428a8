package io.switchboard.bench;

import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Opens conversations with one server over HTTP/2 or HTTP/3, each on a connection of its own, for callers that block. They share
 * one event loop and what TLS remembers of the server. Any thread.
 */
public final class Conversations implements AutoCloseable {
    private static final int THREADS = 1;
    private static final int MESSAGE_BYTES = 48; // nothing is made of it

    private final Engine engine;
    private final Fleet fleet; // hears what becomes of each, and is not asked
    private final AtomicInteger opened = new AtomicInteger();

    private Conversations(Engine engine, Fleet fleet) {
        this.engine = engine;
        this.fleet = fleet;
    }

    /**
     * @param settings with the server, what it is trusted by, and the version of HTTP, 2 or 3; a stream at a time on each connection
     * @throws BenchFailure if the server's address is none, or its certificate cannot be read
     */
    public static Conversations with(Settings settings) throws BenchFailure {
        if (settings.http() == 1 || settings.streams() != 1) throw new IllegalArgumentException("settings");
        Engine engine = new Engine(Target.of(settings), settings, THREADS, 1, MESSAGE_BYTES, System::nanoTime, true);
        return new Conversations(engine, new Fleet(engine, settings, new Halt()));
    }

    /**
     * Connects, with TLS if the server's address says so.
     *
     * @param patienceMillis for this and whatever waits later
     * @throws IOException if the server is not there, or does not agree on the version
     */
    public Conversation open(int patienceMillis) throws IOException {
        Speech speech = new Speech(engine.lane(0), fleet, patienceMillis);
        engine.connect(speech, opened.getAndIncrement());
        try {
            Optional<Trouble> trouble = speech.there.get(patienceMillis, TimeUnit.MILLISECONDS);
            if (trouble.isPresent())
                throw new IOException("No connection: " + trouble.get().sentence() + ".");
            return speech.conversation();
        } catch (ExecutionException impossible) {
            throw new IllegalStateException(impossible);
        } catch (TimeoutException late) {
            speech.end();
            throw new IOException("The server does not answer.", late);
        } catch (InterruptedException ended) {
            speech.end();
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", ended);
        }
    }

    /** What is still open ends with it. */
    @Override
    public void close() {
        engine.close();
    }
}
