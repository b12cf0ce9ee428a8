package io.switchboard.bench.claims;

/**
 * A claim with what came of it.
 *
 * @param failed whether it could not be measured though all that it needs is there
 * @param seconds that it took
 */
record Tested(Claim claim, Finding finding, boolean failed, double seconds) {}
