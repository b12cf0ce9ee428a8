package io.switchboard.cli.client;

import java.net.http.HttpRequest;
import java.time.Instant;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * Who publishes, so that an append sent twice is stored once (Durable Streams, section 5.2.1): a name, an epoch for
 * each run, and a count within it.
 *
 * <p>A channel remembers its producers for ever, and only so many of them. So a run has no name of its own: it takes
 * one of {@value #NAMES}, with the time as epoch, which is later than that of the run that had the name before. If
 * another run takes the same name at the same time, the server refuses the older one, and it takes another name.
 */
final class Producer {
    static final int NAMES = 1_000;

    private final RandomGenerator random;
    private final boolean named;
    private String id;
    private long epoch;
    private long sequence;

    Producer(Optional<String> name, RandomGenerator random) {
        this.random = random;
        this.named = name.isPresent();
        this.id = name.orElseGet(this::anyName);
        this.epoch = Instant.now().toEpochMilli();
    }

    private String anyName() {
        return "switchboard-publish-%03d".formatted(random.nextInt(NAMES));
    }

    boolean isNamed() {
        return named;
    }

    String id() {
        return id;
    }

    /** Begins anew under another name. */
    void rename() {
        id = anyName();
        epoch = Instant.now().toEpochMilli();
        sequence = 0;
    }

    /** The append under way is stored; the next one gets the next number. */
    void stored() {
        sequence++;
    }

    void sign(HttpRequest.Builder request) {
        request.header("Producer-Id", id)
                .header("Producer-Epoch", Long.toString(epoch))
                .header("Producer-Seq", Long.toString(sequence));
    }
}
