package io.switchboard.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

/** What waits for the application is bounded, in order, and given by one thread at a time. */
class InboxTest {
    private final Deque<Runnable> tasks = new ArrayDeque<>(); // of the application's executor
    private final List<String> told = new ArrayList<>();
    private final List<Throwable> errors = new ArrayList<>();
    private int rooms;

    private Inbox inbox(long demand) {
        Inbox.Receiver receiver = new Inbox.Receiver() {
            @Override
            public void message(Message message) {
                if (message.json().equals("\"throw\"")) throw new IllegalStateException("the application's own");
                told.add(message.offset());
            }

            @Override
            public void gap(Gap gap) {
                told.add("gap");
            }

            @Override
            public void state(State state) {
                told.add(state.name());
            }

            @Override
            public void presence(Presence presence) {
                told.add(presence.count() + " here");
            }

            @Override
            public void end(End end) {
                told.add(end.kind().name());
            }
        };
        return new Inbox("-1", tasks::add, receiver, demand, () -> rooms++, errors::add);
    }

    private static Message message(int n, String data) {
        return new Message(new Envelope("c", String.format("%04d", n), data, false, 0));
    }

    private void run() {
        while (!tasks.isEmpty()) {
            assertThat(tasks).as("turns under way").hasSize(1);
            tasks.poll().run();
        }
    }

    @Test
    void isFullAtItsLimitAndSaysWhenHalfOfItIsGone() {
        Inbox inbox = inbox(0);
        for (int i = 1; i < Inbox.MESSAGES_MAX; i++)
            assertThat(inbox.message(message(i, "1"))).isTrue();
        assertThat(inbox.message(message(Inbox.MESSAGES_MAX, "1"))).isFalse();
        inbox.request(Inbox.MESSAGES_MAX / 2 - 1);
        run();
        assertThat(rooms).isZero();
        inbox.request(1);
        run();
        assertThat(rooms).isEqualTo(1);
        assertThat(told).hasSize(Inbox.MESSAGES_MAX / 2);
        assertThat(inbox.offset()).isEqualTo(told.getLast());
    }

    @Test
    void isFullByItsCharactersToo() {
        Inbox inbox = inbox(0);
        assertThat(inbox.message(message(1, "\"" + "x".repeat(Inbox.CHARACTERS_MAX) + "\"")))
                .isFalse();
        inbox.request(1);
        run();
        assertThat(rooms).isEqualTo(1);
    }

    @Test
    void statesDoNotWaitInLineAndTheEndComesLast() {
        Inbox inbox = inbox(1);
        inbox.state(State.CONNECTING);
        inbox.message(message(1, "1"));
        inbox.message(message(2, "2"));
        inbox.state(State.LIVE);
        inbox.presence(new Presence(true, 1, List.of()));
        inbox.presence(new Presence(true, 2, List.of()));
        inbox.end(End.CLOSED);
        run();
        assertThat(told).containsExactly("LIVE", "2 here", "0001");
        inbox.request(Long.MAX_VALUE);
        inbox.request(Long.MAX_VALUE);
        run();
        assertThat(told).endsWith("0002", "CLOSED");
        assertThat(inbox.message(message(3, "3"))).isFalse();
        run();
        assertThat(told).endsWith("CLOSED");
    }

    @Test
    void whatTheApplicationThrowsStopsNothing() {
        Inbox inbox = inbox(Long.MAX_VALUE);
        inbox.message(message(1, "\"throw\""));
        inbox.gap(new Gap("0001", "0005"));
        run();
        assertThat(errors).hasSize(1);
        assertThat(told).containsExactly("gap");
        assertThat(inbox.offset()).isEqualTo("0005");
    }

    @Test
    void whoeverCancelsIsGivenNothingButTheEnd() {
        Inbox inbox = inbox(Long.MAX_VALUE);
        inbox.message(message(1, "1"));
        inbox.cancel(End.CANCELLED);
        inbox.message(message(2, "2"));
        run();
        assertThat(told).containsExactly("CANCELLED");
        Inbox silent = inbox(Long.MAX_VALUE);
        silent.message(message(1, "1"));
        silent.silence();
        run();
        assertThat(told).containsExactly("CANCELLED");
    }

    @Test
    void anExecutorThatIsGoneEndsIt() {
        Inbox inbox = new Inbox(
                "-1",
                task -> {
                    throw new RejectedExecutionException();
                },
                new Listening(message -> told.add("message")),
                Long.MAX_VALUE,
                () -> rooms++,
                errors::add);
        inbox.message(message(1, "1"));
        assertThat(inbox.message(message(2, "2"))).isFalse();
        assertThat(told).isEmpty();
    }
}
