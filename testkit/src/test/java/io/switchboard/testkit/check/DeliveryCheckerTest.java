package io.switchboard.testkit.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.core.channel.Offset;
import io.switchboard.testkit.check.DeliveryChecker.End;
import io.switchboard.testkit.check.DeliveryChecker.Start;
import io.switchboard.testkit.check.DeliveryChecker.Watch;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** One channel: (1, 1) to (1, 3) are committed. */
class DeliveryCheckerTest {
    private final DeliveryChecker checker = new DeliveryChecker(100);

    private static String at(long generation, long sequence) {
        return new Offset(generation, sequence).toString();
    }

    @BeforeEach
    void threeMessages() {
        checker.created("c", at(1, 0));
        checker.heard("c", at(1, 0));
        for (int i = 1; i <= 3; i++) {
            checker.committed("c", at(1, i - 1), at(1, i), "m" + i);
            checker.acknowledged("c", at(1, i));
        }
    }

    private Watch watch(Start start) {
        return checker.watch("r", "c", start, false);
    }

    private void complains(String about) {
        assertThat(checker.complaints()).singleElement().asString().contains(about);
    }

    @Test
    void aReaderThatGotEverythingGivesNoCause() {
        Watch watch = watch(new Start.Earliest());
        for (int i = 1; i <= 3; i++) watch.message(at(1, i), "m" + i);
        watch.caughtUp(at(1, 3));
        checker.committed("c", at(1, 3), at(1, 4), "m4");
        checker.closed("c", at(1, 4));
        watch.message(at(1, 4), "m4");
        watch.ended(End.CLOSED, at(1, 4));
        checker.atRest();

        assertThat(checker.complaints()).isEmpty();
    }

    @Test
    void aHoleIsFound() {
        Watch watch = watch(new Start.Earliest());
        watch.message(at(1, 1), "m1");
        watch.message(at(1, 3), "m3");

        complains("lost what lies between");
    }

    @Test
    void aRepetitionIsFound() {
        Watch watch = watch(new Start.At(at(1, 1)));
        watch.message(at(1, 2), "m2");
        watch.message(at(1, 2), "m2");

        complains("again or late");
    }

    @Test
    void otherBytesAreFound() {
        watch(new Start.At(at(1, 1))).message(at(1, 2), "m3");

        complains("another payload");
    }

    @Test
    void aMessageOutOfNowhereIsFound() {
        watch(new Start.At(at(1, 3))).message(at(1, 4), "m4");

        complains("never committed");
    }

    @Test
    void aLateBeginningIsFound() {
        watch(new Start.Earliest()).message(at(1, 2), "m2");

        complains("behind the earliest");
    }

    @Test
    void tooFewOfTheLastAreFound() {
        watch(new Start.Last(2)).message(at(1, 2), "m2");
        assertThat(checker.complaints()).isEmpty();
        watch(new Start.Last(2)).message(at(1, 3), "m3");

        complains("fewer than the last");
    }

    @Test
    void aNowThatIsThePastIsFound() {
        watch(new Start.Now()).caughtUp(at(1, 2));

        complains("before what was acknowledged");
    }

    @Test
    void aGapOverWhatIsRetainedIsFound() {
        watch(new Start.At(at(1, 1))).gap(at(1, 1), at(1, 2));

        complains("skips what is retained");
    }

    @Test
    void aGapOverWhatWasTrimmedIsRight() {
        checker.trimmed("c", 2);
        Watch watch = watch(new Start.At(at(1, 1)));
        watch.gap(at(1, 1), at(1, 2));
        watch.message(at(1, 3), "m3");

        assertThat(checker.complaints()).isEmpty();
    }

    @Test
    void goingOnFromALostTailWithoutAWordIsFound() {
        Watch watch = watch(new Start.At(at(1, 2)));
        watch.message(at(1, 3), "m3");
        checker.restored("c", at(1, 2), 0, false);
        checker.committed("c", at(1, 2), at(5, 3), "n3");
        checker.committed("c", at(5, 3), at(5, 4), "n4");
        watch.message(at(5, 4), "n4");

        complains("which follows");
    }

    @Test
    void aGapBackToWhereTheTailWasLostIsRight() {
        Watch watch = watch(new Start.At(at(1, 2)));
        watch.message(at(1, 3), "m3");
        checker.restored("c", at(1, 2), 0, false);
        checker.committed("c", at(1, 2), at(5, 3), "n3");
        watch.gap(at(1, 3), at(1, 2));
        watch.message(at(5, 3), "n3");
        checker.atRest();

        assertThat(checker.complaints()).isEmpty();
    }

    @Test
    void aGapBackFurtherThanThatIsFound() {
        Watch watch = watch(new Start.At(at(1, 3)));
        checker.restored("c", at(1, 2), 0, false);
        watch.gap(at(1, 3), at(1, 1));

        complains("repeats messages");
    }

    @Test
    void endsThatAreNotTrueAreFound() {
        watch(new Start.At(at(1, 3))).ended(End.CLOSED, null);
        complains("closed, which it is not");
        watch(new Start.At(at(1, 3))).ended(End.DELETED, null);
        assertThat(checker.complaints().getLast()).contains("deleted, which it is not");
        watch(new Start.At(at(1, 3))).ended(End.FAILED, null);
        assertThat(checker.complaints().getLast()).contains("a failure where there is none");
    }

    @Test
    void aClosingBeforeTheLastMessageIsFound() {
        checker.closed("c", at(1, 3));
        watch(new Start.At(at(1, 2))).ended(End.CLOSED, at(1, 2));

        complains("but the channel closed at");
    }

    @Test
    void anythingAfterTheEndIsFound() {
        checker.removed("c");
        Watch watch = watch(new Start.At(at(1, 3)));
        watch.ended(End.DELETED, null);
        watch.ended(End.DELETED, null);

        complains("after it had ended");
    }

    @Test
    void aReaderThatStopsShortIsFound() {
        watch(new Start.At(at(1, 1))).message(at(1, 2), "m2");
        checker.atRest();

        complains("rests at");
    }

    @Test
    void oneThatLeftMayStopAnywhereButHearsNothing() {
        Watch watch = watch(new Start.At(at(1, 1)));
        watch.away();
        checker.atRest();
        assertThat(checker.complaints()).isEmpty();
        watch.message(at(1, 2), "m2");

        complains("after it had left");
    }

    @Test
    void aReaderThatIsNeverToldOfTheEndIsFound() {
        watch(new Start.At(at(1, 3)));
        checker.closed("c", at(1, 3));
        checker.atRest();

        complains("never told that the channel closed");
    }

    @Test
    void moreThanMayBeHeldForAReaderIsFound() {
        Watch watch = watch(new Start.At(at(1, 3)));
        watch.holds(100);
        assertThat(checker.complaints()).isEmpty();
        watch.holds(101);

        complains("101 bytes are held");
    }
}
