package io.switchboard.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;

/** Several readers of one channel, as every client has them: spec/vectors/feeds.json. */
class FeedVectorsTest {
    private static final String CHANNEL = "c";

    @TestFactory
    Stream<DynamicTest> feeds() throws Exception {
        return VectorsTest.cases("feeds", FeedVectorsTest::run);
    }

    private static void run(JsonNode vector) {
        List<Throwable> bugs = new ArrayList<>();
        Loop loop = new Loop(bugs::add, 1);
        try {
            Bench bench = new Bench(loop, bugs::add);
            for (JsonNode step : vector.get("steps")) {
                bench.happens(step);
                assertThat(bench.said()).as("after %s", step).isEqualTo(expected(step.get("then")));
                assertThat(bench.feedAt())
                        .as("after %s", step)
                        .isEqualTo(step.get("feed").asString());
            }
            assertThat(bugs).isEmpty();
        } finally {
            loop.end();
        }
    }

    @Test
    void whoIsFullWhenSomethingIsGoneAsksForItselfLater() {
        Loop loop = new Loop(bug -> {}, 1);
        try {
            Bench bench = new Bench(loop, bug -> {});
            Deque<Runnable> tasks = new ArrayDeque<>();
            bench.subscribe("quick", "a1a0", Runnable::run);
            bench.subscribe("slow", "a1a0", tasks::add);
            for (int i = 0; i < Inbox.MESSAGES_MAX; i++) bench.feed().message(Bench.envelope("a1c" + (100 + i)), 0);
            String last = bench.feedAt();
            bench.feed().gap(last, "a1a5");
            assertThat(bench.said().get("quick")).endsWith("gap " + last + " a1a5");
            while (!tasks.isEmpty()) tasks.remove().run();
            assertThat(bench.said().get("slow")).hasSize(Inbox.MESSAGES_MAX + 1).contains("read " + last);
        } finally {
            loop.end();
        }
    }

    private static Map<String, List<String>> expected(JsonNode then) {
        Map<String, List<String>> all = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> each : then.properties()) {
            List<String> commands = new ArrayList<>();
            for (JsonNode command : each.getValue()) {
                List<String> words = new ArrayList<>();
                for (JsonNode word : command) words.add(word.asString());
                commands.add(String.join(" ", words));
            }
            all.put(each.getKey(), commands);
        }
        return all;
    }

    /** A feed, whoever reads it, and what they do; all on one thread, which does at once whatever is given to it. */
    private static final class Bench implements Feed.Owner, Reading.Errands {
        private final Loop loop;
        private final Consumer<Throwable> errors;
        private final Map<String, Reading> readings = new LinkedHashMap<>();
        private final Map<Reading, String> asked = new LinkedHashMap<>(); // what the read under way was asked with
        private final Map<String, List<String>> said = new LinkedHashMap<>();
        private @Nullable Feed feed;

        Bench(Loop loop, Consumer<Throwable> errors) {
            this.loop = loop;
            this.errors = errors;
        }

        Map<String, List<String>> said() {
            Map<String, List<String>> all = new LinkedHashMap<>(said);
            said.clear();
            return all;
        }

        String feedAt() {
            return feed().cursor().at();
        }

        private Feed feed() {
            if (feed == null) throw new AssertionError("nobody has subscribed");
            return feed;
        }

        private Reading reading(JsonNode step) {
            Reading found = readings.get(text(step, "id"));
            if (found == null) throw new AssertionError(step);
            return found;
        }

        private static String text(JsonNode step, String name) {
            return step.get(name).asString();
        }

        private static Envelope envelope(String offset) {
            return new Envelope(CHANNEL, offset, "0", false, 0);
        }

        void happens(JsonNode step) {
            switch (text(step, "event")) {
                case "subscribe" -> subscribe(text(step, "id"), text(step, "from"), Runnable::run);
                case "close" -> reading(step).end(End.CANCELLED);
                case "begun" -> feed().begun(text(step, "offset"));
                case "message" -> feed().message(envelope(text(step, "offset")), 0);
                case "gap" -> feed().gap(text(step, "from"), text(step, "to"));
                case "end" -> feed().end(text(step, "how").equals("closed") ? End.CLOSED : End.DELETED);
                case "page" -> page(reading(step), step);
                case "gone" -> {
                    Reading reading = reading(step);
                    reading.gap(java.util.Objects.requireNonNull(asked.remove(reading)), text(step, "to"));
                    begin(reading);
                }
                case "absent" -> absent(reading(step));
                default -> throw new AssertionError(step);
            }
        }

        void subscribe(String id, String from, Executor executor) {
            if (feed == null) feed = new Feed(loop, CHANNEL, from, this);
            Reading reading = new Reading(loop, CHANNEL, Subscribing.from(from), this);
            readings.put(id, reading);
            reading.deliverTo(new Inbox(from, executor, new Told(id), Long.MAX_VALUE, reading::resume, errors));
            feed.join(reading);
        }

        private void page(Reading reading, JsonNode step) {
            assertThat(asked.remove(reading)).as("what %s answers", step).isNotNull();
            for (JsonNode offset : step.get("messages")) reading.message(envelope(offset.asString()));
            reading.cursor().reach(text(step, "next"));
            if (step.has("closed")) reading.end(End.CLOSED);
            else if (!reading.isDone()) begin(reading);
        }

        private void absent(Reading reading) {
            assertThat(asked.remove(reading)).isNotNull();
            if (reading.cursor().isOffset()) reading.end(End.DELETED);
            else if (!reading.isDone()) begin(reading);
        }

        private void say(String id, String what) {
            said.computeIfAbsent(id, none -> new ArrayList<>()).add(what);
        }

        // ---- as Errands

        @Override
        public void begin(Reading reading) {
            String from = reading.cursor().at();
            assertThat(asked.put(reading, from)).as("one read at a time").isNull();
            readings.forEach((id, each) -> {
                if (each == reading) say(id, "read " + from);
            });
        }

        @Override
        public void stop(Reading reading) {
            asked.remove(reading);
        }

        // ---- as Owner

        @Override
        public void resumed(Feed feed) {}

        @Override
        public void paused(Feed feed) {
            throw new AssertionError("nobody is slow here");
        }

        @Override
        public void rewanted(Feed feed) {
            throw new AssertionError("nobody wants anything");
        }

        @Override
        public void ended(Feed feed) {}

        @Override
        public void ended(Reading reading) {}

        @Override
        public void changed() {}

        private final class Told implements Inbox.Receiver {
            private final String id;

            Told(String id) {
                this.id = id;
            }

            @Override
            public void message(Message message) {
                say(id, "message " + message.offset());
            }

            @Override
            public void gap(Gap gap) {
                say(id, "gap " + gap.from() + " " + gap.to());
            }

            @Override
            public void state(State state) {}

            @Override
            public void presence(Presence presence) {}

            @Override
            public void end(End end) {
                Optional<SwitchboardException> error = end.error();
                assertThat(error).isEmpty();
                if (end.kind() != End.Kind.CANCELLED)
                    say(id, "end " + end.kind().name().toLowerCase(Locale.ROOT));
            }
        }
    }
}
