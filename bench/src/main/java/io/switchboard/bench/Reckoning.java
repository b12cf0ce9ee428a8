package io.switchboard.bench;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.StringJoiner;

/** What the server reckons it can hold, from its own limits, beside what was found; and what to set if it is less. */
final class Reckoning {
    /** What breaks a step and says nothing of how much the server can hold, or is a limit that was chosen. */
    private static final Set<String> NOT_ITS_END = Set.of(
            Trouble.CLIENT_FILES.word(),
            Trouble.PORTS.word(),
            Trouble.SERVER_FULL.word(),
            Trouble.ADDRESS_FULL.word(),
            Trouble.UNAUTHORIZED.word(),
            Trouble.FORBIDDEN.word(),
            "tool");

    private Reckoning() {}

    /**
     * @param figures of the server, if they can be read
     * @param good the most connections that went well
     * @param broke what ended it there, if anything did
     */
    static void tell(Report report, Optional<ServerFigures> figures, int good, Optional<Verdict> broke) {
        if (figures.isEmpty()) return;
        Map<String, OptionalDouble> limits = figures.get().capacity();
        StringJoiner text = new StringJoiner(", ");
        Map<String, Object> json = new LinkedHashMap<>();
        limits.forEach((limit, most) -> most.ifPresent(count -> {
            text.add(Text.count((long) count) + " by " + limit);
            json.put(limit, (long) count);
        }));
        if (json.isEmpty()) return;
        report.row("its own limits", text.toString());
        report.put("serverCapacity", json);
        OptionalDouble smallest =
                limits.values().stream().flatMapToDouble(OptionalDouble::stream).min();
        if (good == 0 || broke.isEmpty() || NOT_ITS_END.contains(broke.get().what())) return;
        if (smallest.orElse(0) <= good) return;
        report.put("setLimitsConnections", good);
        report.remark("The server reckons with " + Text.count((long) smallest.orElse(0)) + " connections, but "
                + Text.count(good) + " is what went well: until that is raised, set limits.connections to " + good
                + ". Then it warns at 80 % of that, and answers those beyond with 503.");
    }
}
