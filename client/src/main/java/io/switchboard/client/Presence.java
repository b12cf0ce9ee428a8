package io.switchboard.client;

import java.util.List;

/**
 * Who is on a channel now, of those who want to be seen.
 *
 * @param known false where the transport cannot tell; then nobody is counted, which does not mean that nobody is there
 * @param count of members
 * @param members their ids, in no order; empty when they are too many to be named
 */
public record Presence(boolean known, long count, List<String> members) {
    static final Presence UNKNOWN = new Presence(false, 0, List.of());

    public Presence {
        members = List.copyOf(members);
    }
}
