package io.switchboard.client;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Puts together who is on a channel from what a line tells (spec/protocol.md, section 4.3). On the loop. */
final class Attendance {
    // More than a server names; whoever sends more names is only counted.
    private static final int MEMBERS_MAX = 2_000;

    private final Set<String> members = new LinkedHashSet<>();
    private long count;

    /** Takes an event: {@code presence}, {@code join} or {@code leave}, with its members. */
    Presence take(String event, Map<String, String> said) throws Json.Malformed {
        if (event.equals("presence")) {
            members.clear();
            count = Envelope.number(said, "count");
            String named = said.get("members");
            if (named != null) {
                List<String> all = Json.elements(named);
                if (all.size() <= MEMBERS_MAX) for (String one : all) members.add(id(one));
            }
        } else {
            String id = id(said.getOrDefault("member", "{}"));
            boolean joins = event.equals("join");
            boolean news = joins ? members.size() < MEMBERS_MAX && members.add(id) : members.remove(id);
            if (news) count += joins ? 1 : -1;
        }
        return new Presence(true, count, List.copyOf(members));
    }

    private static String id(String member) throws Json.Malformed {
        return Envelope.text(Json.members(member), "id");
    }
}
