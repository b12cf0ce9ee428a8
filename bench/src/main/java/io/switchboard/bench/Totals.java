package io.switchboard.bench;

/**
 * Counts since a run began.
 *
 * @param sent publications, messages or requests
 * @param answered those that were taken, acknowledged or came back
 * @param refused those that the server did not want
 * @param messages that readers got, each reader counted
 * @param bytesIn of what is inside TLS, as is {@code bytesOut}
 * @param stalls times that a window was given up on
 */
record Totals(long sent, long answered, long refused, long messages, long bytesIn, long bytesOut, long stalls) {
    static final Totals NONE = new Totals(0, 0, 0, 0, 0, 0, 0);

    Totals plus(Totals more) {
        return new Totals(
                sent + more.sent,
                answered + more.answered,
                refused + more.refused,
                messages + more.messages,
                bytesIn + more.bytesIn,
                bytesOut + more.bytesOut,
                stalls + more.stalls);
    }

    Totals minus(Totals before) {
        return new Totals(
                sent - before.sent,
                answered - before.answered,
                refused - before.refused,
                messages - before.messages,
                bytesIn - before.bytesIn,
                bytesOut - before.bytesOut,
                stalls - before.stalls);
    }
}
