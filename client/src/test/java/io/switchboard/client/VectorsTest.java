package io.switchboard.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** What every client decides alike: the vectors of spec/vectors, in manual time. */
class VectorsTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long PUBLISH_TIMEOUT = 60_000;
    private static final long BEGIN = 1_700_000_000_000L;
    private static final double NAME = 0.0085;

    static Stream<DynamicTest> cases(String file, Case test) throws Exception {
        Path here = Path.of("").toAbsolutePath();
        Path root = Files.isDirectory(here.resolve("spec")) ? here : here.resolve("..");
        JsonNode cases = JSON.readTree(
                        root.resolve("spec/vectors/" + file + ".json").toFile())
                .get("cases");
        assertThat(cases.size()).isGreaterThanOrEqualTo(5);
        return stream(cases)
                .map(each -> DynamicTest.dynamicTest(each.get("name").asString(), () -> test.run(each)));
    }

    interface Case {
        void run(JsonNode vector) throws Exception;
    }

    private static Stream<JsonNode> stream(@Nullable JsonNode array) {
        return array == null ? Stream.of() : StreamSupport.stream(array.spliterator(), false);
    }

    private static long number(JsonNode of, String name, long otherwise) {
        JsonNode value = of.get(name);
        return value == null ? otherwise : value.asLong();
    }

    private static OptionalLong wait(JsonNode step) {
        JsonNode wait = step.get("wait");
        return wait.isNull() ? OptionalLong.empty() : OptionalLong.of(wait.asLong());
    }

    @TestFactory
    Stream<DynamicTest> backoff() throws Exception {
        return cases("backoff", vector -> assertThat(Backoff.delay(
                        vector.get("attempt").asInt(), vector.get("random").asDouble(), told(vector.get("told"))))
                .isEqualTo(vector.get("delay").asLong()));
    }

    private static Backoff.Told told(@Nullable JsonNode told) {
        if (told == null) return Backoff.Told.NOTHING;
        return told.has("millis")
                ? new Backoff.Told.Exactly((long) Math.floor(told.get("millis").asDouble()))
                : new Backoff.Told.Seconds(told.get("seconds").asLong());
    }

    @TestFactory
    Stream<DynamicTest> gone() throws Exception {
        return cases("gone", vector -> {
            Gaps gaps = new Gaps();
            long millis = 0;
            for (JsonNode read : vector.get("reads")) {
                assertThat(millis).as("before %s", read).isEqualTo(read.get(0).asLong());
                millis = 0;
                if (read.get(1).asString().equals("gone"))
                    millis = gaps.another(vector.get("random").asDouble());
                else gaps.none();
            }
        });
    }

    @TestFactory
    Stream<DynamicTest> ladder() throws Exception {
        return cases("ladder", vector -> {
            List<Transport> rungs = vector.has("rungs")
                    ? stream(vector.get("rungs")).map(VectorsTest::rung).toList()
                    : List.of(Transport.values());
            JsonNode last = vector.get("remembered");
            Ladder ladder = new Ladder(
                    rungs,
                    last == null
                            ? null
                            : new Ladder.Remembered(
                                    rung(last.get("rung")), last.get("at").asLong()));
            for (JsonNode step : vector.get("steps")) {
                List<String> commands = said(happens(ladder, step));
                List<String> expected = stream(step.get("then"))
                        .map(command -> command.get(0).asString()
                                + (command.size() > 1 ? " " + command.get(1).asString() : ""))
                        .toList();
                assertThat(commands).as("after %s", step).isEqualTo(expected);
                assertThat(ladder.waitUntil()).as("after %s", step).isEqualTo(wait(step));
            }
        });
    }

    private static Transport rung(JsonNode name) {
        return Stream.of(Transport.values())
                .filter(each -> each.toString().equals(name.asString()))
                .findFirst()
                .orElseThrow();
    }

    private static List<Ladder.Command> happens(Ladder ladder, JsonNode step) {
        long at = step.get("at").asLong();
        String event = step.get("event").asString();
        return switch (event) {
            case "begin" -> ladder.begin(at);
            case "tick" -> ladder.tick(at);
            case "networkChanged" -> ladder.networkChanged(at);
            case "proven" -> ladder.proven(rung(step.get("rung")), at);
            case "failed" -> ladder.failed(rung(step.get("rung")), at);
            case "busy" -> ladder.busy(rung(step.get("rung")), at);
            case "ended" -> ladder.ended(rung(step.get("rung")), at, step.has("planned"));
            default -> throw new AssertionError(event);
        };
    }

    private static List<String> said(List<Ladder.Command> commands) {
        List<String> said = new ArrayList<>();
        for (Ladder.Command command : commands) {
            String word = command.kind().name().toLowerCase(java.util.Locale.ROOT);
            said.add(command.rung() == null ? word : word + " " + command.rung());
        }
        return said;
    }

    @TestFactory
    Stream<DynamicTest> publishing() throws Exception {
        return cases("publishing", vector -> {
            boolean joins = !vector.has("joins") || vector.get("joins").asBoolean();
            Producer producer =
                    new Producer(Optional.empty(), NAME, BEGIN, joins, number(vector, "timeout", PUBLISH_TIMEOUT));
            for (JsonNode step : vector.get("steps")) {
                List<String> commands =
                        happens(producer, step).stream().map(VectorsTest::said).toList();
                List<String> expected =
                        stream(step.get("then")).map(VectorsTest::expected).toList();
                assertThat(commands).as("after %s", step).isEqualTo(expected);
                OptionalLong until = producer.waitUntil();
                assertThat(until.isEmpty() ? until : OptionalLong.of(until.getAsLong() - BEGIN))
                        .as("after %s", step)
                        .isEqualTo(wait(step));
            }
        });
    }

    private static List<Producer.Command> happens(Producer producer, JsonNode step) {
        long at = BEGIN + step.get("at").asLong();
        double random = step.has("random") ? step.get("random").asDouble() : Double.NaN;
        String event = step.get("event").asString();
        return switch (event) {
            case "publish" ->
                producer.publish(
                        step.get("id").asLong(),
                        step.get("messages").asInt(),
                        step.get("bytes").asLong(),
                        at);
            case "stored" -> producer.stored();
            case "unanswered" -> producer.unanswered(random, at);
            case "refused" -> producer.refused(refusal(step.get("error")), random, at, told(step.get("told")));
            case "tick" -> producer.tick(at);
            case "close" -> producer.close(step.get("code").asString());
            default -> throw new AssertionError(event);
        };
    }

    private static Producer.Refusal refusal(JsonNode error) {
        return new Producer.Refusal(
                error.get("code").asString(),
                error.has("reason") ? error.get("reason").asString() : "",
                number(error, "currentEpoch", -1),
                number(error, "producersMax", -1));
    }

    private static String said(Producer.Command command) {
        return switch (command) {
            case Producer.Command.Send(String name, long epoch, long seq, List<Long> ids) ->
                "send " + name + " " + epoch + " " + seq + " " + ids;
            case Producer.Command.Done(List<Long> ids) -> "done " + ids;
            case Producer.Command.Fail(List<Long> ids, String code) -> "fail " + ids + " " + code;
        };
    }

    private static String expected(JsonNode command) {
        JsonNode what = command.get(1);
        return switch (command.get(0).asString()) {
            case "send" ->
                "send " + what.get("producer").asString() + " "
                        + what.get("epoch").asLong() + " " + what.get("seq").asLong() + " " + ids(what.get("ids"));
            case "done" -> "done " + ids(what);
            case "fail" -> "fail " + ids(what) + " " + command.get(2).asString();
            default -> throw new AssertionError(command);
        };
    }

    private static List<Long> ids(JsonNode ids) {
        return stream(ids).map(JsonNode::asLong).toList();
    }
}
