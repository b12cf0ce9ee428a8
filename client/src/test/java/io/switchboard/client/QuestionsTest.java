package io.switchboard.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What an application asks of a channel, and what it does with it beside reading and publishing. */
class QuestionsTest {
    private static final int SPEED = 10;

    private final Node node = Node.start("defaults.creation", "on-first-use", "defaults.retention.messages", "5");
    private final Switchboard client = Switchboard.connect(node.url(), Options.defaults(), SPEED);

    @AfterEach
    void end() {
        client.close();
        node.close();
    }

    private static <T> T get(CompletableFuture<T> answer) throws Exception {
        return answer.get(20, TimeUnit.SECONDS);
    }

    private static SwitchboardException refusal(CompletableFuture<?> answer) {
        Throwable failed = catchThrowable(() -> answer.get(20, TimeUnit.SECONDS));
        assertThat(failed).isInstanceOf(ExecutionException.class).hasCauseInstanceOf(SwitchboardException.class);
        return (SwitchboardException) Objects.requireNonNull(failed.getCause());
    }

    @Test
    void aChannelIsMadeAskedForAndClosed() throws Exception {
        Channel channel = client.channel("a/b");
        assertThat(refusal(channel.about()).code()).isEqualTo("not_found");
        assertThat(get(channel.create("text/markdown"))).isTrue();
        assertThat(get(channel.create("text/markdown"))).isFalse();
        assertThat(refusal(channel.create("text/html")).reason()).isEqualTo("content_type");
        Published last = get(channel.publishText("# a"));
        assertThat(get(channel.about())).isEqualTo(new About("text/markdown", last.offset(), false));
        assertThat(get(channel.closeChannel())).isEqualTo(last.offset());
        assertThat(get(channel.closeChannel())).isEqualTo(last.offset());
        assertThat(get(channel.about()).closed()).isTrue();
        assertThatThrownBy(() -> channel.create("a\nb")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void pagesAreReadInBothDirections() throws Exception {
        Channel channel = client.channel("c");
        Published stored = get(channel.publishAll(List.of("1", "2", "3", "4")));
        Page newest = get(channel.newest(2));
        assertThat(newest.messages()).extracting(Message::json).containsExactly("3", "4");
        assertThat(newest.next()).isEqualTo(stored.offset());
        Page older = get(channel.before(newest.previous(), 10));
        assertThat(older.messages()).extracting(Message::json).containsExactly("1", "2");
        Page all = get(channel.read("-1"));
        assertThat(all.messages()).extracting(Message::json).containsExactly("1", "2", "3", "4");
        assertThat(all.upToDate()).isTrue();
        assertThat(get(channel.read(newest.previous())).messages()).hasSize(2);
        get(channel.publishAll(List.of("5", "6", "7", "8")));
        SwitchboardException gone =
                refusal(channel.read(older.messages().getFirst().offset()));
        assertThat(gone.code()).isEqualTo("gone");
        assertThat(get(channel.read(gone.detail("earliest"))).messages())
                .extracting(Message::json)
                .containsExactly("4", "5", "6", "7", "8");
        assertThatThrownBy(() -> channel.newest(0)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void whatTheServerCannotAnswerNowIsAskedAgainAndWhatNobodyAnswersIsSaid() throws Exception {
        node.create("c", Node.JSON);
        AtomicInteger asked = new AtomicInteger();
        Switchboard through;
        try (Proxy proxy = new Proxy(node.port(), 5)) {
            through = Switchboard.connect(proxy.url(), Options.defaults(), SPEED);
            proxy.treat(head -> asked.incrementAndGet() < 3 ? Proxy.Treatment.BUSY : Proxy.Treatment.PASS);
            assertThat(get(through.channel("c").newest(1)).messages()).isEmpty();
            assertThat(asked).hasValue(3);
            proxy.treat(head -> Proxy.Treatment.STRANGER);
            assertThat(refusal(through.channel("c").newest(1)).code()).isEqualTo(SwitchboardException.UNREACHABLE);
        }
        assertThat(refusal(through.channel("c").about()).code()).isEqualTo(SwitchboardException.UNREACHABLE);
        through.close();
        assertThat(refusal(through.channel("c").about()).code()).isEqualTo(SwitchboardException.CLIENT_CLOSED);
    }

    @Test
    void aTypeThatIsSaidIsThatOfTheChannelItsFirstMessageCreates() throws Exception {
        get(client.channel("t").as("text/markdown").publishText("# a"));
        assertThat(get(client.channel("t").about()).contentType()).isEqualTo("text/markdown");
        SwitchboardException other = refusal(client.channel("t").as("text/html").publishText("<p>"));
        assertThat(other.reason()).isEqualTo("content_type");
        assertThat(other.detail("expected")).isEqualTo("text/markdown");
        get(client.channel("t").publishText("of any type"));
    }

    @Test
    void ofTwoClientsWithOneNameTheLaterOneWrites() throws Exception {
        Options named = Options.defaults().producer("import");
        try (Switchboard first = Switchboard.connect(node.url(), named, SPEED);
                Switchboard second = Switchboard.connect(node.url(), named, SPEED)) {
            get(first.channel("c").publish("1"));
            get(second.channel("c").publish("2"));
            assertThat(refusal(first.channel("c").publish("3")).code()).isEqualTo(SwitchboardException.FENCED);
            get(second.channel("c").publish("4"));
            assertThat(refusal(first.channel("c").publish("5")).code()).isEqualTo(SwitchboardException.FENCED);
        }
        assertThat(get(client.channel("c").read("-1")).messages())
                .extracting(Message::json)
                .containsExactly("1", "2", "4");
        assertThatThrownBy(() -> Options.defaults().producer("a b")).isInstanceOf(IllegalArgumentException.class);
    }
}
