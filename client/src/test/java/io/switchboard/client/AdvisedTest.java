package io.switchboard.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.util.List;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a server advises, as what a client may use. */
class AdvisedTest {
    private static Advised answered(int status, String body) {
        try (Stub stub = new Stub(target -> new Stub.Reply(status, body));
                Switchboard client = Switchboard.connect(stub.url())) {
            Advised advised = client.channel("prices/a+b").advised().join();
            assertThat(stub.asked).containsExactly("/v1/advice?channel=prices/a%2Bb");
            return advised;
        }
    }

    @ParameterizedTest
    @CsvSource({
        "websocket, 'websocket sse long-poll polling'",
        "sse, 'sse long-poll polling'",
        "long-poll, 'long-poll polling'",
        "poll, polling"
    })
    void theAdvisedOneIsUsedAndWhatComesAfterIt(String advised, String used) {
        Advised told = answered(
                200,
                "{\"advice\":{\"kind\":\"move\",\"transport\":\"" + advised
                        + "\",\"confidence\":\"medium\",\"sentence\":\"Because.\"}}");
        assertThat(told.transports()).map(Transport::toString).containsExactly(used.split(" "));
        assertThat(told.sentence()).isEqualTo("Because.");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"advice\":{\"kind\":\"none\",\"sentence\":\"Too little.\"}}",
                "{\"advice\":{\"kind\":\"move\",\"transport\":\"poll\",\"confidence\":\"low\"}}",
                "{\"advice\":{\"kind\":\"move\",\"transport\":\"pigeon\",\"confidence\":\"high\"}}",
                "{\"advice\":7}",
                "{}",
                "<html>"
            })
    void whatIsNoAdviceLeavesAllOfThem(String body) {
        assertThat(answered(200, body).transports()).containsExactly(Transport.values());
        assertThat(answered(403, body).transports()).containsExactly(Transport.values());
    }

    @Test
    void aServerThatHasSeenNothingAdvisesNothing() {
        try (Node node = Node.start();
                Switchboard client = Switchboard.connect(node.url())) {
            Advised advised = client.channel("c").advised().join();
            assertThat(advised.transports()).hasSize(4);
            assertThat(advised.sentence()).isNotEmpty().isNotEqualTo("The server gives no advice.");
            assertThat(List.copyOf(advised.transports())).isSorted();
        }
    }

    @Test
    void aClosedClientAsksNobody() {
        Switchboard client = Switchboard.connect(URI.create("http://127.0.0.1:1"));
        assertThat(client.channel("c").advised().join().transports()).hasSize(4); // nobody is there
        client.close();
        assertThatThrownBy(() -> client.channel("c").advised().join())
                .isInstanceOf(CompletionException.class)
                .hasCauseInstanceOf(SwitchboardException.class);
    }
}
