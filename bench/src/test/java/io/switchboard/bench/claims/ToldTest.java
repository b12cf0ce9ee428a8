package io.switchboard.bench.claims;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Verdicts as they are told; and that every claim says what it takes to judge it. */
class ToldTest {
    private static Told told(boolean quick, boolean failed) {
        Finding finding = new Finding(
                Verdict.WITHIN_LIMITS,
                "It is so-so.",
                List.of(Measure.bytes("a head", 1_234), new Measure("a share", 0.25, Unit.SHARE)));
        return new Told(
                List.of(
                        new Tested(Framing.CLAIM, finding, false, 1.5),
                        new Tested(Memory.CLAIM, Finding.notTold("There is no memory."), failed, 2)),
                1,
                quick,
                "1.0",
                "a machine",
                3.5);
    }

    @Test
    void theTextHasFiguresAndVerdicts() {
        assertThat(told(false, false).text())
                .contains("framing: true within limits\n", "  a head   1,234 bytes\n  a share  25 %\n  It is so-so.")
                .contains("memory: not told\n", "  There is no memory.")
                .doesNotContain("--quick");
    }

    @Test
    void theDocumentHasHowItWasMeasuredTheRuleAndWhatIsLeft() {
        assertThat(told(false, false).markdown())
                .startsWith("# What people say, measured\n")
                .contains("`./switchboard claims framing memory --out FILE`")
                .contains("| [" + Framing.CLAIM.sentence() + "](#framing) | It is so-so. | true within limits |")
                .contains("## framing\n", "**True within limits.** It is so-so.", "| a head | 1,234 bytes |")
                .contains("- How: " + Framing.CLAIM.method(), "- Rule: " + Framing.CLAIM.rule())
                .contains("- Not shown: " + Memory.CLAIM.leaves(), "**Not told.** There is no memory.");
    }

    @Test
    void whatIsQuickSaysSo() {
        assertThat(told(true, false).text()).contains("it shows that the experiments work, not how things are");
        assertThat(told(true, false).markdown()).contains("it shows that the experiments work, not how things are");
        assertThat(told(true, false).json())
                .contains("\"quick\":true", "\"command\":\"./switchboard claims framing memory --quick\"");
    }

    @Test
    void machinesGetTheSame() {
        assertThat(told(false, false).json())
                .contains("\"id\":\"framing\"", "\"verdict\":\"true within limits\"", "\"says\":\"It is so-so.\"")
                .contains("{\"label\":\"a head\",\"value\":1234,\"unit\":\"bytes\"}")
                .endsWith("\"good\":true}")
                .doesNotContain("\n");
    }

    @Test
    void onlyAMeasurementThatFailedIsBad() {
        assertThat(told(false, false).isGood()).isTrue();
        assertThat(told(false, true).isGood()).isFalse();
    }

    @Test
    void everyClaimHasAWordOfItsOwnAndAllItsParts() {
        assertThat(Claims.all())
                .extracting(Claim::id)
                .doesNotHaveDuplicates()
                .allMatch(id -> id.matches("[a-z-]{3,20}"));
        assertThat(Claims.all()).allSatisfy(claim -> {
            assertThat(claim.rule()).contains("rue").contains("within limits");
            assertThat(List.of(claim.sentence(), claim.said(), claim.method(), claim.leaves()))
                    .allMatch(text -> text.length() > 20 && text.endsWith(".") && !text.contains("|"));
            assertThat(Claims.named(claim.id())).contains(claim);
        });
    }

    @Test
    void whatWaitsTakesNoTimeOfTheOthers() {
        assertThat(Claims.seconds(List.of(Framing.CLAIM, Memory.CLAIM)))
                .isEqualTo(Framing.CLAIM.seconds() + Memory.CLAIM.seconds());
    }
}
