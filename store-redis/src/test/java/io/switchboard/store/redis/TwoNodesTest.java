package io.switchboard.store.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import io.switchboard.core.channel.Append;
import io.switchboard.core.channel.ContentType;
import io.switchboard.core.channel.Offset;
import io.switchboard.core.channel.Producer;
import io.switchboard.core.store.AppendOutcome;
import io.switchboard.core.store.Create;
import io.switchboard.core.store.CreateOutcome;
import io.switchboard.core.store.DeleteOutcome;
import io.switchboard.core.store.FindOutcome;
import io.switchboard.core.store.Found;
import io.switchboard.testkit.store.Asking;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Two nodes on one Redis, both at once. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Tag("slow")
class TwoNodesTest {
    private Ground ground;
    private Witness witness;
    private Node a;
    private Node b;

    Ground start(Path folder) {
        return Ground.server(folder);
    }

    @BeforeAll
    void startRedis(@TempDir Path folder) {
        ground = start(folder);
    }

    @AfterAll
    void stopRedis() {
        if (ground != null) ground.close();
    }

    @BeforeEach
    void openNodes() {
        witness = new Witness();
        ground.flush();
        a = ground.node();
        b = ground.node();
    }

    @AfterEach
    void closeNodes() {
        a.close();
        b.close();
    }

    private static Append produced(String name, String producer, long sequence, String message) {
        return new Append(
                Node.name(name),
                ContentType.BINARY,
                Asking.payloads(message),
                false,
                new Producer(producer, 0, sequence),
                null,
                null);
    }

    private CompletableFuture<CreateOutcome> create(Node node, Create create) {
        CompletableFuture<CreateOutcome> outcome = new CompletableFuture<>();
        node.store().create(create, outcome::complete);
        return outcome;
    }

    private static Create channel(String name, String... messages) {
        return new Create(Node.name(name), null, null, false, Asking.payloads(messages), null, null);
    }

    private static Create fork(String name, String source) {
        Create.Fork fork = new Create.Fork(Node.name(source), null, 0);
        return new Create(Node.name(name), null, null, false, Asking.payloads(), fork, null);
    }

    @Test
    void appendsOfBothStandInOneLogWithoutHoleOrDuplicate() {
        a.ask().created("x", ContentType.BINARY);
        List<CompletableFuture<AppendOutcome>> outcomes = new ArrayList<>();
        List<String> sent = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            for (Node node : List.of(a, b)) {
                String message = (node.equals(a) ? "a" : "b") + i;
                sent.add(message);
                outcomes.add(node.append("x", message));
            }
        }
        Set<Offset> offsets = new HashSet<>();
        for (int i = 0; i < sent.size(); i++) {
            AppendOutcome outcome = Asking.await(outcomes.get(i));
            assertThat(outcome).isInstanceOf(AppendOutcome.Appended.class);
            assertThat(offsets.add(((AppendOutcome.Appended) outcome).offset())).isTrue();
            witness.saw("x", sent.get(i), outcome);
        }
        List<String> log = witness.reads(a, "x");
        assertThat(log).containsExactlyInAnyOrderElementsOf(sent);
        assertThat(witness.reads(b, "x")).isEqualTo(log);
        for (String node : List.of("a", "b")) {
            assertThat(log.stream().filter(message -> message.startsWith(node)))
                    .isEqualTo(IntStream.range(0, 1_000).mapToObj(i -> node + i).toList());
        }
        assertThat(a.ask().tail("x")).isEqualTo(b.ask().tail("x"));
    }

    @Test
    void whatAProducerSendsToBothIsOneMessage() {
        a.ask().created("x", ContentType.BINARY);
        List<String> sent = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            sent.add("m" + i);
            var first = (i % 2 == 0 ? a : b).append(produced("x", "w", i, "m" + i));
            var second = (i % 2 == 0 ? b : a).append(produced("x", "w", i, "m" + i));
            List<AppendOutcome> outcomes = List.of(Asking.await(first), Asking.await(second));
            assertThat(outcomes)
                    .hasAtLeastOneElementOfType(AppendOutcome.Appended.class)
                    .hasAtLeastOneElementOfType(AppendOutcome.Duplicate.class);
        }
        assertThat(witness.reads(b, "x")).isEqualTo(sent);
    }

    @Test
    void aProducerThatLosesItsAnswersAndRetriesAtTheOtherNodeLeavesNothingOutAndNothingTwice() {
        a.ask().created("x", ContentType.BINARY);
        List<String> sent = new ArrayList<>();
        int lost = 0;
        for (int i = 0; i < 300; i++) {
            String message = "m" + i;
            sent.add(message);
            Node node = i % 2 == 0 ? a : b;
            CompletableFuture<AppendOutcome> first = node.append(produced("x", "w", i, message));
            if (i % 20 == 7) ground.cut(); // before or after it was written: nobody knows
            AppendOutcome outcome = Asking.await(first);
            while (outcome instanceof AppendOutcome.Failed) {
                lost++;
                node = node.equals(a) ? b : a;
                outcome = Asking.await(node.append(produced("x", "w", i, message)));
            }
            assertThat(outcome).isInstanceOfAny(AppendOutcome.Appended.class, AppendOutcome.Duplicate.class);
            witness.saw("x", message, outcome);
        }
        assumeThat(lost).as("answers lost").isPositive();
        await().until(() -> b.ask().find("x") instanceof FindOutcome.Here); // it may have lost its connection last
        assertThat(witness.reads(b, "x")).isEqualTo(sent);
    }

    @Test
    void ofTwoCreationsOneMakesTheChannelAndTheOtherFindsIt() {
        Set<Long> ids = new HashSet<>();
        for (int i = 0; i < 50; i++) {
            String name = "x" + i;
            var ofA = create(a, channel(name, "a"));
            var ofB = create(b, channel(name, "b"));
            List<String> log = new ArrayList<>();
            Map<String, Found> found = new HashMap<>();
            for (var each : Map.of("a", ofA, "b", ofB).entrySet()) {
                switch (Asking.await(each.getValue())) {
                    case CreateOutcome.Created(Found made) -> {
                        log.add(each.getKey());
                        assertThat(ids.add(made.info().id())).isTrue();
                        found.put("created", made);
                    }
                    case CreateOutcome.Existed(Found there) -> found.put("existed", there);
                    case CreateOutcome other -> throw new AssertionError(other);
                }
            }
            assertThat(found).containsOnlyKeys("created", "existed");
            assertThat(found.get("existed")).isEqualTo(found.get("created"));
            assertThat(witness.reads(a, name)).isEqualTo(log);
        }
    }

    @Test
    void creationAndDeletionAtOnceLeaveATrueState() {
        Set<Long> ids = new HashSet<>();
        long id = a.ask().created("x", ContentType.BINARY, "first").info().id();
        for (int i = 0; i < 60; i++) {
            CompletableFuture<DeleteOutcome> deleted = new CompletableFuture<>();
            b.store().delete(Node.name("x"), id, deleted::complete);
            var created = create(a, channel("x", "again" + i));
            assertThat(Asking.await(deleted)).isEqualTo(new DeleteOutcome.Deleted());
            boolean anew = Asking.await(created) instanceof CreateOutcome.Created;
            FindOutcome found = b.ask().find("x");
            if (anew) {
                assertThat(found).isInstanceOf(FindOutcome.Here.class);
                assertThat(witness.reads(b, "x")).containsExactly("again" + i);
            } else {
                assertThat(found).isEqualTo(new FindOutcome.NotFound());
                a.ask().created("x", ContentType.BINARY, "other" + i);
            }
            assertThat(b.ask().names("", "", 10)).containsExactly("x");
            id = a.ask().found("x").info().id();
            assertThat(ids.add(id)).isTrue();
        }
    }

    @Test
    void aForkTakenWhileItsSourceIsAppendedToIsABeginningOfIt() {
        for (String source : List.of("src", "count/src")) {
            a.ask().created(source, ContentType.BINARY, "m0");
            List<CompletableFuture<AppendOutcome>> appends = new ArrayList<>();
            List<CompletableFuture<CreateOutcome>> forks = new ArrayList<>();
            for (int i = 1; i <= 1_000; i++) {
                appends.add(a.append(source, "m" + i));
                if (i % 50 == 0) forks.add(create(b, fork(source + "/f" + i, source)));
            }
            for (var append : appends) assertThat(Asking.await(append)).isInstanceOf(AppendOutcome.Appended.class);
            for (var fork : forks) {
                CreateOutcome outcome = Asking.await(fork);
                assertThat(outcome).isInstanceOf(CreateOutcome.Created.class);
                Found found = ((CreateOutcome.Created) outcome).found();
                List<String> expected = new ArrayList<>();
                for (long m = found.tail().start(); m < found.tail().sequence(); m++) expected.add("m" + m);
                assertThat(witness.reads(a, found.info().name().value())).isEqualTo(expected);
            }
            // none of them left a count behind
            for (String fork : a.ask().names(source + "/f", "", 100)) b.ask().delete(fork);
            a.ask().delete(source);
            assertThat(b.ask().find(source)).isEqualTo(new FindOutcome.NotFound());
        }
        assertThat(ground.keys()).isZero();
    }

    @Test
    void forksOfBothNodesAndTheDeletionOfTheirSourceAgree() {
        for (int i = 0; i < 40; i++) {
            String source = "s" + i;
            long id = a.ask().created(source, ContentType.BINARY, "m").info().id();
            var ofA = create(a, fork(source + "/a", source));
            var ofB = create(b, fork(source + "/b", source));
            CompletableFuture<DeleteOutcome> deleted = new CompletableFuture<>();
            b.store().delete(Node.name(source), id, deleted::complete);
            int forks = 0;
            for (var each : List.of(ofA, ofB)) {
                switch (Asking.await(each)) {
                    case CreateOutcome.Created(Found fork) -> {
                        forks++;
                        assertThat(witness.reads(a, fork.info().name().value())).containsExactly("m");
                    }
                    case CreateOutcome.SourceNotFound notFound -> {}
                    case CreateOutcome.SourceConflict conflict -> {}
                    case CreateOutcome other -> throw new AssertionError(other);
                }
            }
            assertThat(Asking.await(deleted)).isEqualTo(new DeleteOutcome.Deleted());
            assertThat(a.ask().find(source)).isEqualTo(forks > 0 ? new FindOutcome.Gone() : new FindOutcome.NotFound());
            for (String fork : a.ask().names(source + "/", "", 10)) a.ask().delete(fork);
            assertThat(b.ask().find(source)).isEqualTo(new FindOutcome.NotFound());
        }
        assertThat(ground.keys()).isZero();
    }
}
