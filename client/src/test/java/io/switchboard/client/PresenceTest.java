package io.switchboard.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PresenceTest {
    @Test
    void whoIsThereIsToldOverTheLineAndNotGuessedElsewhere() {
        try (Node node = Node.start("live.presenceGrace", "0s");
                Switchboard first = Switchboard.connect(node.url());
                Switchboard second = Switchboard.connect(node.url());
                Switchboard third =
                        Switchboard.connect(node.url(), Options.defaults().transports(Set.of(Transport.SSE)))) {
            node.create("c", Node.JSON);
            Recorder one = new Recorder();
            Recorder two = new Recorder();
            Recorder blind = new Recorder();
            first.channel("c").subscribe(Subscribing.from("now").withPresence(), one);
            one.awaitPresence(presence -> presence.known() && presence.count() == 1);
            Subscription leaving =
                    second.channel("c").subscribe(Subscribing.from("now").withPresence(), two);
            one.awaitPresence(
                    presence -> presence.count() == 2 && presence.members().size() == 2);
            two.awaitPresence(presence -> presence.count() == 2);
            Recorder later = new Recorder();
            first.channel("c").subscribe(Subscribing.from("now").withPresence(), later);
            later.awaitPresence(presence -> presence.members().size() == 2);
            third.channel("c").subscribe(Subscribing.from("now").withPresence(), blind);
            blind.awaitPresence(presence -> !presence.known());
            leaving.close();
            one.awaitPresence(presence -> presence.count() == 1);
            two.awaitEnd();
            assertThat(two.ends.getFirst().kind()).isEqualTo(End.Kind.CANCELLED);
        }
    }

    @Test
    void aPictureTakesThePlaceOfAllThatWasToldBefore() throws Exception {
        Attendance attendance = new Attendance();
        attendance.take("join", Map.of("member", "{\"id\":\"ann\"}"));
        attendance.take("presence", Map.of("count", "2", "members", "[{\"id\":\"ben\"},{\"id\":\"cid\"}]"));
        assertThat(attendance
                        .take("leave", Map.of("member", "{\"id\":\"ann\"}"))
                        .count())
                .isEqualTo(2);
        assertThat(attendance
                        .take("leave", Map.of("member", "{\"id\":\"ben\"}"))
                        .members())
                .containsExactly("cid");
        assertThat(attendance.take("presence", Map.of("count", "1500")))
                .isEqualTo(new Presence(true, 1_500, java.util.List.of()));
    }

    @Test
    void moreMembersThanAServerNamesAreOnlyCounted() throws Exception {
        String many = IntStream.range(0, 3_000)
                .mapToObj(i -> "{\"id\":\"m" + i + "\"}")
                .collect(Collectors.joining(",", "[", "]"));
        Presence presence = new Attendance().take("presence", Map.of("count", "3000", "members", many));
        assertThat(presence.count()).isEqualTo(3_000);
        assertThat(presence.members()).isEmpty();
    }
}
