package io.switchboard.cli.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.cli.ManualTime;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a publisher does with answers that a healthy server does not give. */
@Timeout(30)
class PublisherTest {
    private static final String HEAD = "HTTP/1.1 200 OK\nContent-Type: application/json";

    private static Failure publish(ManualTime time, String... answers) throws IOException, InterruptedException {
        Publisher.Progress nobody = new Publisher.Progress() {
            @Override
            public void stored(int messages) {}

            @Override
            public void away(Duration duration) {}
        };
        try (ScriptedServer server = new ScriptedServer(answers);
                Link link = new Link(Credentials.NONE)) {
            Publisher publisher = new Publisher(
                    link, ChannelAddress.of(server.url(), "c"), Optional.empty(), time, new Random(1), nobody);
            publisher.open(Optional.empty(), false);
            publisher.publish(List.of("1"), 0);
            assertThat(server.requests()).hasSize(answers.length);
            return new Failure(Failure.Kind.USAGE, "none");
        } catch (Failure failure) {
            return failure;
        }
    }

    @Test
    void retriesWhenTheServerSays() throws Exception {
        ManualTime time = new ManualTime();
        assertThat(publish(
                        time,
                        HEAD,
                        "HTTP/1.1 503 Service Unavailable\nRetry-After: 3\nContent-Length: 0",
                        "",
                        "HTTP/1.1 204 No Content"))
                .hasMessage("none");
        assertThat(time.pauses().getFirst()).isEqualTo(Duration.ofSeconds(3));
        assertThat(time.pauses()).hasSize(2);
    }

    @Test
    void givesUpAfterTwoMinutesAndSaysWhatIsNotKnown() throws Exception {
        ManualTime time = new ManualTime();
        Failure failure = publish(
                time,
                HEAD,
                "HTTP/1.1 503 Service Unavailable\nRetry-After: 60\nContent-Length: 0",
                "HTTP/1.1 503 Service Unavailable\nRetry-After: 61\nContent-Length: 0",
                "HTTP/1.1 503 Service Unavailable\nRetry-After: 60\nContent-Length: 0");
        assertThat(failure.kind()).isEqualTo(Failure.Kind.UNREACHABLE);
        assertThat(failure).hasMessageContaining("for 2 minutes").hasMessageContaining("is not known");
    }

    @Test
    void whoIsFencedBeforeAnythingIsUncertainTakesAnotherName() throws Exception {
        String fenced = "HTTP/1.1 403 Forbidden\nProducer-Epoch: 99\nContent-Length: 0";
        assertThat(publish(new ManualTime(), HEAD, fenced, "HTTP/1.1 200 OK\nContent-Length: 0"))
                .hasMessage("none");
        assertThat(publish(new ManualTime(), HEAD, "HTTP/1.1 503 Service Unavailable\nContent-Length: 0", fenced))
                .hasMessageContaining("Another run publishes as switchboard-publish-")
                .hasMessageContaining("is not known");
    }

    @Test
    void aChannelFullOfProducersIsNotWaitedFor() throws Exception {
        String body = "{\"code\":\"too_many\",\"producersMax\":1}";
        assertThat(publish(
                        new ManualTime(),
                        HEAD,
                        "HTTP/1.1 429 Too Many Requests\nRetry-After: 60\nContent-Length: " + body.length() + "\n\n"
                                + body))
                .hasMessageContaining("--producer NAME");
    }
}
