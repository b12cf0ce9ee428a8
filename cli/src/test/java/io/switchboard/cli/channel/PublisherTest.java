package io.switchboard.cli.channel;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.cli.ManualTime;
import io.switchboard.cli.place.ChannelAddress;
import io.switchboard.cli.place.Failure;
import io.switchboard.cli.place.Passport;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a publisher says of answers that a healthy server does not give. */
@Timeout(30)
class PublisherTest {
    private static final Duration SOON = Duration.ofSeconds(2);
    private static final Duration LATE = Duration.ofSeconds(25);
    private static final String HEAD =
            "HTTP/1.1 200 OK\nContent-Type: application/json\nStream-Next-Offset: 0000000000000001_0000000000000000";

    private static String problem(String status, String body) {
        return "HTTP/1.1 " + status + "\nContent-Type: application/problem+json\nContent-Length: " + body.length()
                + "\n\n" + body;
    }

    private static Failure publish(Duration giveUp, Optional<String> producer, String... answers)
            throws IOException, InterruptedException {
        Publisher.Progress nobody = new Publisher.Progress() {
            @Override
            public void stored(int messages) {}

            @Override
            public void late(Duration max) {}
        };
        try (ScriptedServer server = new ScriptedServer(answers);
                Publisher publisher = new Publisher(
                        ChannelAddress.of(server.url(), "c"),
                        Passport.NONE,
                        producer,
                        new ManualTime(),
                        nobody,
                        giveUp)) {
            publisher.open(Optional.empty(), false);
            publisher.publish(List.of("1"), 0);
            throw new AssertionError("went on");
        } catch (Failure failure) {
            return failure;
        }
    }

    @Test
    @Tag("slow")
    void whoGivesUpSaysWhatIsNotKnown() throws Exception {
        Failure failure = publish(
                SOON, Optional.empty(), HEAD, "HTTP/1.1 503 Service Unavailable\nRetry-After: 60\nContent-Length: 0");
        assertThat(failure.kind()).isEqualTo(Failure.Kind.UNREACHABLE);
        assertThat(failure).hasMessageContaining("has not answered").hasMessageContaining("is not known");
        Failure certain = publish(
                SOON,
                Optional.empty(),
                HEAD,
                problem("429 Too Many Requests\nRetry-After: 60", "{\"code\":\"too_many\"}"));
        assertThat(certain.kind()).isEqualTo(Failure.Kind.UNREACHABLE);
        assertThat(certain).hasMessageContaining("Publish the rest when it is back.");
    }

    @Test
    void aNameThatALaterRunHasTakenIsNotTakenBack() throws Exception {
        Failure failure = publish(
                LATE,
                Optional.of("import"),
                HEAD,
                problem("403 Forbidden", "{\"code\":\"forbidden\",\"detail\":\"No.\",\"currentEpoch\":99}"));
        assertThat(failure).hasMessageContaining("Another run publishes as import now");
        assertThat(failure.kind()).isEqualTo(Failure.Kind.REFUSED);
    }

    @Test
    void aChannelFullOfProducersIsNotWaitedFor() throws Exception {
        Failure failure = publish(
                LATE,
                Optional.empty(),
                HEAD,
                problem("429 Too Many Requests", "{\"code\":\"too_many\",\"producersMax\":1}"));
        assertThat(failure).hasMessageContaining("--producer NAME");
    }
}
