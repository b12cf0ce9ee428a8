package io.switchboard.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.server.RawClient.Answer;
import java.io.UncheckedIOException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** A client that asks, and turns to the next server when the one it asked is gone. One thread. */
abstract class RoamingClient {
    private static final int PATIENCE_SECONDS = 60;

    /** What a client notices of a server that stops, where it gets an answer at all. */
    static final class CutOff extends RuntimeException {
        private static final long serialVersionUID = 1;

        CutOff(String how) {
            super(how);
        }
    }

    final Succession first;
    private Succession running;

    RoamingClient(Succession first) {
        this.first = first;
        this.running = first;
    }

    /** @return whether there is more to do */
    abstract boolean step(Succession running);

    final void run() {
        for (boolean more = true; more; ) {
            try {
                more = step(running);
            } catch (UncheckedIOException | CutOff e) {
                if (!running.losesConnections()) running = after(running, e);
            }
        }
    }

    // A server that is not followed by another one had no reason to cut anybody off.
    static Succession after(Succession running, @Nullable RuntimeException cause) {
        try {
            return running.next().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            throw new AssertionError("cut off, and there is no other server", cause == null ? e : cause);
        }
    }

    static Answer expect(Answer answer, Integer... statuses) {
        if (answer.status() == 503) throw new CutOff(answer.toString());
        assertThat(answer.status()).as(answer.toString()).isIn((Object[]) statuses);
        return answer;
    }
}
