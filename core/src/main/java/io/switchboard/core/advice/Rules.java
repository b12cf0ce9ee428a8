package io.switchboard.core.advice;

import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/**
 * From what was observed of a channel to the cheapest way to read it that serves its readers. The rules are numbered here
 * and in docs/advice.md, and what they reckon with was measured: a change of one of them has to be measured anew with
 * {@code benchmarks/when/evidence}, or a test fails. Does not change; any thread.
 */
public final class Rules {
    /** The {@link Evidence#digest} of what they were held against. */
    static final String CALIBRATED_WITH = "dce3b91280cd";

    /** Rule 1: less than that says nothing. */
    static final double SECONDS_MIN = 60;

    static final double APPENDS_MIN = 5;

    /** Rule 2: fewer are nobody; and so many reads that begin anew to one that goes on hide how many there are. */
    static final double READERS_MIN = 0.5;

    static final double LOOKS_MAX = 10;

    /** Rule 3: the intervals of polling that are thought of, in seconds. */
    static final double EVERY_MIN = 0.1;

    static final double EVERY_MAX = 3_600;

    /** Rule 5: what a processor comes with; what is simpler may cost so much more. */
    static final double MEMORY_BYTES_PER_CORE = 4e9;

    static final double WIRE_BYTES_PER_SECOND_PER_CORE = 125e6;
    static final double SIMPLER_MAY_COST = 1.2;

    /** Rule 6: who would save less stays; the second in parts of a processor. */
    static final double WORTH_IT = 0.2;

    static final double WORTH_IT_SHARE = 1e-6;

    /** Rule 7: who posts less often has no need of a connection for it. */
    static final double POSTS_PER_SECOND_MIN = 0.2;

    private final Prices prices;
    private final Terms terms;

    public Rules(Prices prices, Terms terms) {
        this.prices = prices;
        this.terms = terms;
    }

    /** Readers by transport, and how often those who poll do. */
    private record Readers(double polling, double everySeconds, double waiting, double events, double sockets) {
        double all() {
            return polling + waiting + events + sockets;
        }

        double by(Transport transport) {
            return switch (transport) {
                case POLL -> polling;
                case LONG_POLL -> waiting;
                case SSE -> events;
                case WEBSOCKET -> sockets;
            };
        }

        Transport most() {
            Transport most = Transport.POLL;
            for (Transport one : Transport.values()) if (by(one) > by(most)) most = one;
            return most;
        }

        Map<Transport, Double> map() {
            Map<Transport, Double> map = new EnumMap<>(Transport.class);
            for (Transport one : Transport.values()) if (by(one) >= READERS_MIN / 10) map.put(one, by(one));
            return map;
        }
    }

    public Advice advise(Traffic traffic) {
        if (traffic.seconds() < SECONDS_MIN || traffic.appends() < APPENDS_MIN) return Advice.none(traffic, 1);
        Readers readers = readers(traffic);
        if (looksHide(traffic) || readers.all() < READERS_MIN) return Advice.none(traffic, 2);
        double need = need(traffic, readers);
        Map<Transport, Cost> options = new EnumMap<>(Transport.class);
        for (Transport transport : Transport.values()) {
            if (transport != Transport.POLL || need > 0) {
                options.put(transport, all(traffic, transport, readers.all(), need));
            }
        }
        return decide(traffic, readers, options);
    }

    private Advice decide(Traffic traffic, Readers readers, Map<Transport, Cost> options) {
        Cost now = now(traffic, readers);
        Transport present = readers.most();
        Transport best = cheapest(options);
        Cost then = options.getOrDefault(best, Cost.NONE);
        double saved = now.share() - then.share();
        double part = now.share() > 0 ? saved / now.share() : 0;
        boolean stays = part < WORTH_IT || saved < WORTH_IT_SHARE || best == present;
        Transport pushed = best == Transport.POLL ? Transport.SSE : best;
        return new Advice(
                stays ? Advice.Kind.STAY : Advice.Kind.MOVE,
                stays ? 6 : 5,
                traffic,
                stays ? present : best,
                confidence(traffic, stays, part),
                readers.map(),
                readers.everySeconds(),
                now,
                stays ? now : then,
                options,
                pollingPaysFrom(
                        traffic,
                        readers.all(),
                        all(traffic, pushed, readers.all(), 0).share()));
    }

    // --- rule 2: how many read it

    // Whoever follows the channel reads each message once, however often it asks; and a long-poll takes as long as it
    // takes
    // until something comes, or its time is up.
    private Readers readers(Traffic traffic) {
        double polling = traffic.messages() > 0 ? traffic.polledMessages() / traffic.messages() : 0;
        double every = traffic.polls() > 0 ? traffic.seconds() * polling / traffic.polls() : 0;
        double waiting = traffic.longPolls() / traffic.seconds() * waitSeconds(traffic);
        return new Readers(
                polling,
                polling < READERS_MIN / 10 ? 0 : Math.clamp(every, EVERY_MIN, EVERY_MAX),
                waiting,
                traffic.events(),
                traffic.sockets());
    }

    private static boolean looksHide(Traffic traffic) {
        return traffic.looks() > LOOKS_MAX * (traffic.polls() + traffic.longPolls() + 1)
                && traffic.events() + traffic.sockets() == 0;
    }

    private double waitSeconds(Traffic traffic) {
        double perSecond = traffic.rounds() / traffic.seconds();
        return perSecond > 0 ? -Math.expm1(-perSecond * terms.longPollSeconds()) / perSecond : terms.longPollSeconds();
    }

    // --- rule 3: how old a message may be, as an interval of polling; 0 for as soon as it comes

    private static double need(Traffic traffic, Readers readers) {
        double atOnce = readers.waiting() + readers.events() + Math.max(0, traffic.sockets() - traffic.paced());
        if (atOnce >= READERS_MIN) return 0;
        double polling = readers.polling() >= READERS_MIN ? readers.everySeconds() : EVERY_MAX;
        double paced = traffic.paced() > 0 && traffic.everySeconds() > 0 ? traffic.everySeconds() : EVERY_MAX;
        return Math.clamp(Math.min(polling, paced), EVERY_MIN, EVERY_MAX);
    }

    // --- rule 4: what each way costs

    /** What {@code n} readers cost by a transport, and those that speak over sockets by what it leaves them. */
    private Cost all(Traffic traffic, Transport transport, double n, double every) {
        double said = traffic.perHour(traffic.said());
        Cost speaking = transport == Transport.WEBSOCKET
                ? prices.said().hourly(said)
                : prices.post().hourly(said).plus(new Cost(said, 0, 0, 0, 0));
        double paced = transport == Transport.POLL || transport == Transport.WEBSOCKET ? traffic.paced() / n : 0;
        return reading(traffic, transport, n, every, Math.min(1, paced)).plus(speaking);
    }

    /** @param paced which part of them is given no more than the newest message each time */
    Cost reading(Traffic traffic, Transport transport, double n, double every, double paced) {
        double messages = n * thinned(traffic.perHour(traffic.messages()), paced, traffic.everySeconds());
        double deliveries = n * thinned(traffic.perHour(traffic.appends()), paced, traffic.everySeconds());
        Cost payload = new Cost(0, messages * traffic.bytesPerMessage(), 0, 0, 0);
        return switch (transport) {
            case POLL -> {
                double requests = n * 3_600 / every;
                double full = -Math.expm1(-traffic.rounds() / traffic.seconds() * every) * requests;
                double memory = n * prices.pollMemory() * Math.min(1, terms.keepAliveSeconds() / every);
                yield prices.emptyPoll()
                        .hourly(requests - full)
                        .plus(prices.fullPoll().hourly(full))
                        .plus(payload)
                        .plus(open(n * Math.min(1, terms.keepAliveSeconds() / every)))
                        .plus(new Cost(requests, 0, 0, memory, every / 2));
            }
            case LONG_POLL -> {
                double requests = n * 3_600 / waitSeconds(traffic);
                yield prices.longPoll()
                        .hourly(requests)
                        .plus(payload)
                        .plus(open(n))
                        .plus(new Cost(requests, 0, 0, n * prices.eventsMemory(), 0));
            }
            case SSE ->
                lasting(n, prices.idleEvents(), prices.event(), messages, deliveries, prices.eventsMemory())
                        .plus(payload);
            case WEBSOCKET ->
                lasting(n, prices.idleSocket(), prices.frame(), messages, deliveries, prices.socketMemory())
                        .plus(payload);
        };
    }

    private static double thinned(double perHour, double paced, double everySeconds) {
        return paced > 0 && everySeconds > 0
                ? perHour * (1 - paced) + Math.min(perHour, 3_600 / everySeconds) * paced
                : perHour;
    }

    // The server looks at each connection now and then, whatever it waits for.
    private Cost open(double connections) {
        return new Cost(0, 0, connections * prices.idleEvents().micros() / 1e6, 0, 0);
    }

    private static Cost lasting(
            double n, Prices.Price idle, Prices.Price message, double messages, double deliveries, double memory) {
        return idle.hourly(n)
                .plus(new Cost(0, messages * message.bytes(), deliveries * message.micros() / 1e6, n * memory, 0));
    }

    private Cost now(Traffic traffic, Readers readers) {
        Cost now = prices.said().hourly(traffic.perHour(traffic.said()));
        for (Transport transport : Transport.values()) {
            double n = readers.by(transport);
            double paced = transport == Transport.WEBSOCKET && n > 0 ? traffic.paced() / n : 0;
            if (n >= READERS_MIN / 10) now = now.plus(reading(traffic, transport, n, readers.everySeconds(), paced));
        }
        return now;
    }

    // --- rule 5: the simplest of those that are about as cheap as the cheapest

    private static Transport cheapest(Map<Transport, Cost> options) {
        double least = Double.MAX_VALUE;
        for (Cost cost : options.values()) least = Math.min(least, cost.share());
        for (Transport transport : Transport.values()) {
            Cost cost = options.get(transport);
            if (cost != null && cost.share() <= least * SIMPLER_MAY_COST) return transport;
        }
        throw new IllegalArgumentException("nothing to choose from");
    }

    /** From which interval on polling is cheaper than something of that share. */
    private OptionalDouble pollingPaysFrom(Traffic traffic, double n, double share) {
        double low = EVERY_MIN;
        double high = EVERY_MAX;
        if (all(traffic, Transport.POLL, n, high).share() > share) return OptionalDouble.empty();
        if (all(traffic, Transport.POLL, n, low).share() <= share) return OptionalDouble.of(low);
        for (int halvings = 0; halvings < 20; halvings++) {
            double middle = Math.sqrt(low * high);
            if (all(traffic, Transport.POLL, n, middle).share() > share) low = middle;
            else high = middle;
        }
        return OptionalDouble.of(high);
    }

    // --- rule 7: those who post

    /** A sentence about those who post, if they had better speak over a socket; else null. */
    public @Nullable String writers(Traffic traffic) {
        double perHour = traffic.perHour(traffic.posts());
        if (perHour < POSTS_PER_SECOND_MIN * 3_600) return null;
        Cost posted = prices.post().hourly(perHour);
        Cost said = prices.said()
                .hourly(perHour)
                .plus(prices.idleSocket().hourly(1))
                .plus(new Cost(0, 0, 0, prices.socketMemory(), 0));
        double saved = 1 - said.share() / posted.share();
        if (saved < WORTH_IT) return null;
        return format(
                "%s appends an hour come by POST: one that keeps a WebSocket for them saves %s, and %.0f %% of their"
                        + " processor time.",
                count(perHour),
                bytes(posted.bytesPerHour() - said.bytesPerHour()),
                100 * (1 - said.cpuSecondsPerHour() / posted.cpuSecondsPerHour()));
    }

    // --- rule 8: how sure

    private Confidence confidence(Traffic traffic, boolean stays, double part) {
        if (!terms.alone()) return Confidence.LOW;
        Confidence seen = traffic.appends() >= 200 && traffic.seconds() >= 600
                ? Confidence.HIGH
                : traffic.appends() >= 30 && traffic.seconds() >= 180 ? Confidence.MEDIUM : Confidence.LOW;
        Confidence margin;
        if (stays) margin = part < WORTH_IT / 2 ? Confidence.HIGH : Confidence.MEDIUM;
        else margin = part >= 0.5 ? Confidence.HIGH : part >= 0.33 ? Confidence.MEDIUM : Confidence.LOW;
        return seen.compareTo(margin) < 0 ? seen : margin;
    }

    // --- sentences

    private static String who(Traffic traffic, Readers readers) {
        StringJoiner who = new StringJoiner(", ");
        if (readers.polling() >= READERS_MIN) {
            String nothing = traffic.polls() > 0
                    ? format(" (%.0f %% of it for nothing)", 100 * traffic.emptyPolls() / traffic.polls())
                    : "";
            who.add(format(
                    "%s by polling every %s%s", some(readers.polling()), seconds(readers.everySeconds()), nothing));
        }
        if (readers.waiting() >= READERS_MIN) who.add(some(readers.waiting()) + " by long-poll");
        if (readers.events() > 0) who.add(some(readers.events()) + " by event stream");
        if (readers.sockets() > 0) {
            String paced = traffic.paced() > 0 && traffic.paced() >= traffic.sockets()
                    ? ", for a message in " + seconds(traffic.everySeconds())
                    : "";
            who.add(some(readers.sockets()) + " by WebSocket" + paced);
        }
        return format("%s messages an hour, read %s.", count(traffic.perHour(traffic.messages())), who);
    }

    /** Why that is advised, for a person. */
    public String sentence(Advice advice) {
        Traffic traffic = advice.traffic();
        return switch (advice.kind()) {
            case NONE -> nothing(traffic, advice.rule());
            case STAY ->
                who(traffic, readers(traffic)) + " That will do: nothing that serves them as soon is worth a change.";
            case MOVE -> {
                Cost now = advice.now();
                Cost then = advice.then();
                yield who(traffic, readers(traffic)) + " With " + advice.transport() + " " + changes(now, then) + ".";
            }
        };
    }

    private static String nothing(Traffic traffic, int rule) {
        if (rule == 1) {
            return format(
                    "Too little was seen: %.0f appends in %.0f s. It takes %.0f, in %.0f s or more; the last hour counts.",
                    traffic.appends(), traffic.seconds(), APPENDS_MIN, SECONDS_MIN);
        }
        return looksHide(traffic)
                ? format(
                        "How many read it cannot be told: %s reads an hour begin anew each time. Those that go on from the"
                                + " offset of their last answer can be advised.",
                        count(traffic.perHour(traffic.looks())))
                : "Nobody reads it.";
    }

    private static String changes(Cost now, Cost then) {
        StringJoiner changes = new StringJoiner(", ");
        changes.add(
                format("%s requests an hour become %s", count(now.requestsPerHour()), count(then.requestsPerHour())));
        changes.add(format("%s become %s", bytes(now.bytesPerHour()), bytes(then.bytesPerHour())));
        changes.add(format("%.3g s of processor %.3g s", now.cpuSecondsPerHour(), then.cpuSecondsPerHour()));
        changes.add(format("%s of memory %s", bytes(now.memoryBytes()), bytes(then.memoryBytes())));
        if (Math.abs(now.delaySeconds() - then.delaySeconds()) < 0.05) return changes.toString();
        return changes
                + format(
                        "; a message is %s old on average when it arrives, not %s",
                        seconds(then.delaySeconds()), seconds(now.delaySeconds()));
    }

    private static String some(double readers) {
        return readers < 9.5 && Math.abs(readers - Math.rint(readers)) > 0.05
                ? format("%.1f", readers)
                : count(readers);
    }

    private static String count(double number) {
        return format("%,.0f", number);
    }

    private static String seconds(double seconds) {
        return seconds < 9.95 ? format("%.1f s", seconds) : format("%.0f s", seconds);
    }

    private static String bytes(double bytes) {
        if (bytes < 999.5) return format("%.0f B", bytes);
        if (bytes < 999_500) return format("%.3g KB", bytes / 1e3);
        return bytes < 999.5e6 ? format("%.3g MB", bytes / 1e6) : format("%,.1f GB", bytes / 1e9);
    }

    @SuppressWarnings("AnnotateFormatMethod") // core has no annotations of that library
    private static String format(String form, Object... values) {
        return String.format(Locale.ROOT, form, values);
    }
}
