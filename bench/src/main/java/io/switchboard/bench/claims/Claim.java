package io.switchboard.bench.claims;

/**
 * Something that is commonly said.
 *
 * @param id as it is typed
 * @param sentence as people say it
 * @param said by whom and what for, in our words
 * @param rule what figures make it true, true within limits, or false
 * @param method how it is measured
 * @param leaves what that does not show
 * @param seconds that it takes, roughly
 * @param aside whether it mostly waits, and may do so beside the others
 */
public record Claim(
        String id,
        String sentence,
        String said,
        String rule,
        String method,
        String leaves,
        int seconds,
        boolean aside,
        Experiment experiment) {}
