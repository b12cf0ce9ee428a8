package io.switchboard.core.advice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.switchboard.core.advice.Prices.Price;
import io.switchboard.core.channel.ChannelName;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** With prices that do not move, in traffic as a {@link Sighting} sees it. */
class RulesTest {
    private static final int SECOND = Sighting.TICKS_PER_SECOND;
    private static final Terms TERMS = new Terms(20, 60, true);
    private static final Prices PRICES = new Prices(
            new Price(450, 45),
            new Price(500, 50),
            new Price(650, 40),
            new Price(25, 8),
            new Price(4, 8),
            new Price(364, 400),
            new Price(116, 300),
            new Price(1_920, 5_000),
            new Price(1_920, 5_000),
            900,
            1_200,
            1_000);

    private final Rules rules = new Rules(PRICES, TERMS);
    private final Sighting sighting = new Sighting(new ChannelName("a"), 0);
    private int now;

    /** An append every so many seconds for so many, while {@code pollers} ask every so many. */
    private void run(int seconds, double appendEvery, int pollers, double pollEvery) {
        int end = now + seconds * SECOND;
        int fresh = 0;
        double append = now;
        double poll = now;
        for (; now < end; now++) {
            for (; append <= now; append += appendEvery * SECOND) {
                sighting.appended(now, false, 1, 100);
                fresh++;
            }
            for (; pollers > 0 && poll <= now; poll += pollEvery * SECOND) {
                for (int i = 0; i < pollers; i++) sighting.polled(now, fresh);
                fresh = 0;
            }
        }
    }

    private Advice advice() {
        return rules.advise(sighting.traffic(now));
    }

    private Cost option(Transport transport) {
        return Objects.requireNonNull(advice().options().get(transport));
    }

    private String sentence() {
        return rules.sentence(advice());
    }

    @Test
    void nothingIsAdvisedFromNothing() {
        Advice none = rules.advise(Traffic.none(new ChannelName("b")));
        assertThat(none.kind()).isEqualTo(Advice.Kind.NONE);
        assertThat(none.rule()).isEqualTo(1);
        assertThat(rules.sentence(none)).startsWith("Too little was seen: 0 appends in 0 s.");
        run(50, 1, 10, 1);
        assertThat(advice().rule()).isEqualTo(1);
        run(20, 1, 10, 1);
        assertThat(advice().kind()).isNotEqualTo(Advice.Kind.NONE);
    }

    @Test
    void nobodyIsAdvisedWhereNobodyReads() {
        run(600, 1, 0, 1);
        assertThat(advice().rule()).isEqualTo(2);
        assertThat(sentence()).isEqualTo("Nobody reads it.");
    }

    @Test
    void readersThatBeginAnewEachTimeCannotBeCounted() {
        run(600, 1, 0, 1);
        for (int i = 0; i < 6_000; i++) sighting.looked(now);
        assertThat(advice().rule()).isEqualTo(2);
        assertThat(sentence()).startsWith("How many read it cannot be told: 39,");
    }

    @Test
    void thoseWhoPollEachSecondForAMessageNowAndThenAreToldToListen() {
        run(1_800, 5, 200, 1);
        Advice advice = advice();
        assertThat(advice.kind()).isEqualTo(Advice.Kind.MOVE);
        assertThat(advice.rule()).isEqualTo(5);
        assertThat(advice.transport()).isEqualTo(Transport.SSE);
        assertThat(advice.confidence()).isEqualTo(Confidence.HIGH);
        assertThat(advice.readers().get(Transport.POLL)).isCloseTo(200, within(2.0));
        assertThat(advice.pollEverySeconds()).isCloseTo(1, within(0.02));
        assertThat(advice.now().requestsPerHour()).isCloseTo(720_000, within(8_000.0));
        assertThat(advice.now().delaySeconds()).isCloseTo(0.5, within(0.01));
        assertThat(advice.then().requestsPerHour()).isZero();
        assertThat(advice.then().delaySeconds()).isZero();
        assertThat(advice.then().memoryBytes()).isCloseTo(240_000, within(3_000.0));
        assertThat(sentence())
                .contains("200 by polling every 1.0 s (80 % of it for nothing)")
                .contains("With an event stream")
                .contains("a message is 0.0 s old on average when it arrives, not 0.5 s");
    }

    @Test
    void thoseWhoPollRarelyForManyMessagesGoOn() {
        run(3_600, 0.5, 200, 30);
        Advice advice = advice();
        assertThat(advice.kind()).isEqualTo(Advice.Kind.STAY);
        assertThat(advice.transport()).isEqualTo(Transport.POLL);
        assertThat(advice.pollingPaysFromSeconds().orElseThrow()).isLessThan(30);
        assertThat(advice.then()).isEqualTo(advice.now());
    }

    @Test
    void whereItPaysLiesBetweenWhatIsCheaperAndWhatIsNot() {
        run(3_600, 0.5, 200, 30);
        double pays = advice().pollingPaysFromSeconds().orElseThrow();
        Traffic traffic = sighting.traffic(now);
        double push = rules.reading(traffic, Transport.SSE, 200, 0, 0).share();
        assertThat(rules.reading(traffic, Transport.POLL, 200, pays * 0.8, 0).share())
                .isGreaterThan(push);
        assertThat(rules.reading(traffic, Transport.POLL, 200, pays * 1.25, 0).share())
                .isLessThan(push);
    }

    @Test
    void whoListensIsNotSentToPoll() {
        sighting.held(now, Held.EVENTS, 1);
        run(3_600, 300, 0, 1);
        assertThat(advice().kind()).isEqualTo(Advice.Kind.STAY);
        assertThat(advice().transport()).isEqualTo(Transport.SSE);
        assertThat(advice().options()).doesNotContainKey(Transport.POLL);
    }

    @Test
    void whoAsksForAMessageInAWhileMightPollAndIsCheaperOnItsSocket() {
        for (int i = 0; i < 100; i++) sighting.held(now, Held.PACED_SOCKET, 1);
        sighting.asked(now, 10);
        run(1_800, 0.02, 0, 1);
        Advice advice = advice();
        assertThat(advice.options()).containsKey(Transport.POLL);
        assertThat(option(Transport.POLL).requestsPerHour()).isCloseTo(36_000, within(1.0));
        assertThat(advice.kind()).isEqualTo(Advice.Kind.STAY);
        assertThat(advice.transport()).isEqualTo(Transport.WEBSOCKET);
        double unpaced = rules.reading(sighting.traffic(now), Transport.WEBSOCKET, 100, 0, 0)
                .bytesPerHour();
        assertThat(advice.now().bytesPerHour()).isLessThan(unpaced / 100);
        assertThat(sentence()).contains("100 by WebSocket, for a message in 10 s");
        sighting.held(now, Held.SOCKET, 1);
        assertThat(advice().options()).doesNotContainKey(Transport.POLL);
    }

    @Test
    void longPollsAreCountedByHowLongTheyWait() {
        for (int i = 0; i < 1_800; i++, now += SECOND) {
            sighting.appended(now, false, 1, 100);
            for (int reader = 0; reader < 50; reader++) sighting.longPolled(now);
        }
        Advice advice = advice();
        assertThat(advice.readers().get(Transport.LONG_POLL)).isCloseTo(50, within(1.0));
        assertThat(advice.kind()).isEqualTo(Advice.Kind.MOVE);
        assertThat(advice.transport()).isEqualTo(Transport.SSE);
    }

    @Test
    void whereBothSidesSpeakAWebSocketIsCheaper() {
        for (int i = 0; i < 20; i++) sighting.held(now, Held.EVENTS, 1);
        for (int i = 0; i < 20; i++) sighting.held(now, Held.SOCKET, 1);
        for (int i = 0; i < 6_000; i++, now++) sighting.appended(now, true, 1, 20);
        Cost events = option(Transport.SSE);
        Cost sockets = option(Transport.WEBSOCKET);
        assertThat(events.requestsPerHour()).isCloseTo(36_000, within(100.0));
        assertThat(sockets.requestsPerHour()).isZero();
        assertThat(sockets.share()).isLessThan(events.share());
    }

    @Test
    void whoPostsOftenIsToldOfWebSockets() {
        run(600, 0.5, 1, 10);
        assertThat(rules.writers(sighting.traffic(now))).startsWith("7,").contains("appends an hour come by POST");
        Sighting rare = new Sighting(new ChannelName("b"), 0);
        for (int i = 0; i < 60; i++) rare.appended(i * 30 * SECOND, false, 1, 100);
        assertThat(rules.writers(rare.traffic(now))).isNull();
    }

    @Test
    void aServerThatSeesAPartIsNeverSure() {
        run(1_800, 5, 200, 1);
        Rules shared = new Rules(PRICES, new Terms(20, 60, false));
        assertThat(shared.advise(sighting.traffic(now)).confidence()).isEqualTo(Confidence.LOW);
    }

    @Test
    void oneGiantMessageChangesNoAdvice() {
        run(1_800, 5, 200, 1);
        Transport before = advice().transport();
        sighting.appended(now, false, 1, 64 << 20);
        for (int i = 0; i < 200; i++) sighting.polled(now, 1);
        assertThat(advice().transport()).isEqualTo(before);
        assertThat(advice().now().bytesPerHour()).isFinite().isPositive();
    }

    @Test
    void clocksThatJumpGiveNoNonsense() {
        run(1_800, 5, 200, 1);
        for (int leap : new int[] {-100_000, 50 * 3_600 * SECOND, Integer.MAX_VALUE / 2, -7}) {
            now += leap;
            Advice advice = advice();
            assertThat(advice.now().share()).isFinite().isNotNegative();
            assertThat(advice.then().share()).isFinite().isNotNegative();
            run(120, 5, 200, 1);
            assertThat(rules.sentence(advice())).doesNotContain("NaN").doesNotContain("Infinity");
        }
    }

    @Test
    void aSurveyNamesWhereItMattersMost() {
        Survey survey = new Survey(3);
        Survey other = new Survey(3);
        run(1_800, 5, 200, 1);
        survey.add(advice());
        for (int i = 0; i < 100_000; i++) {
            survey.add(rules.advise(Traffic.none(new ChannelName("idle"))));
        }
        other.add(advice());
        other.notObserved(7);
        survey.add(other);
        assertThat(survey.channels()).isEqualTo(100_002);
        assertThat(survey.channels(Advice.Kind.MOVE)).isEqualTo(2);
        assertThat(survey.most()).hasSize(3);
        assertThat(survey.most().getFirst().transport()).isEqualTo(Transport.SSE);
        assertThat(survey.now().requestsPerHour()).isCloseTo(2 * advice().now().requestsPerHour(), within(1.0));
        assertThat(survey.notObserved()).isEqualTo(7);
    }
}
