package io.switchboard.server.capacity;

/** What would end the growth of connections. */
public enum Limit {
    CONFIGURED(
            "limits.connections allows; one more is answered 503",
            "Raise it, and the files this process may open to 2,000 more, or add a server."),
    FILES(
            "this process may open files for; one more gets no answer at all",
            "Raise LimitNOFILE= of its systemd unit, or ulimit -n where it is started."),
    HEAP(
            "there is heap for; beyond, the server fails",
            "Raise it with SWITCHBOARD_JAVA_OPTIONS=-Xmx, lower cache.tailBytes, or add a server."),
    MACHINE(
            "the machine or its container has memory for; beyond, the system ends the server",
            "Give it more memory, take other programs away, or add a server.");

    private final String told;
    private final String advice;

    Limit(String told, String advice) {
        this.told = told;
        this.advice = advice;
    }

    /** Goes on after a number of connections. */
    String told() {
        return told;
    }

    /** What to raise. */
    String advice() {
        return advice;
    }
}
