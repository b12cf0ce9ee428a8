package io.switchboard.cli.doctor;

import java.util.Optional;

/**
 * One thing that was found out.
 *
 * @param code for machines: letters and hyphens, the same in every version
 * @param sentence for people; what a peer said is in it only as {@link Excerpt} leaves it
 * @param remedy what to change, if a proxy is to be changed
 */
public record Finding(Step step, Level level, String code, String sentence, Optional<Remedy> remedy) {
    /** The same in other words. */
    Finding saying(String other) {
        return new Finding(step, level, code, other, remedy);
    }

    static Finding ok(Step step, String code, String sentence) {
        return new Finding(step, Level.OK, code, sentence, Optional.empty());
    }

    static Finding skipped(Step step, String code, String sentence) {
        return new Finding(step, Level.SKIPPED, code, sentence, Optional.empty());
    }

    static Finding warning(Step step, String code, String sentence) {
        return new Finding(step, Level.WARNING, code, sentence, Optional.empty());
    }

    static Finding warning(Step step, String code, String sentence, Remedy remedy) {
        return new Finding(step, Level.WARNING, code, sentence, Optional.of(remedy));
    }

    static Finding trouble(Step step, String code, String sentence) {
        return new Finding(step, Level.TROUBLE, code, sentence, Optional.empty());
    }

    static Finding trouble(Step step, String code, String sentence, Remedy remedy) {
        return new Finding(step, Level.TROUBLE, code, sentence, Optional.of(remedy));
    }
}
