package io.switchboard.bench.claims;

import java.util.List;

/**
 * What came of an experiment.
 *
 * @param says the verdict in a sentence with its figures, or why there is none
 */
record Finding(Verdict verdict, String says, List<Measure> measures) {
    Finding {
        measures = List.copyOf(measures);
    }

    /** @param why in a sentence */
    static Finding notTold(String why) {
        return new Finding(Verdict.NOT_TOLD, why, List.of());
    }
}
