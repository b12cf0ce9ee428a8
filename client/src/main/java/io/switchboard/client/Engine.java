package io.switchboard.client;

import java.time.Instant;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the feeds of a client supplied: does what the {@link Ladder} says with the links, hands feeds over to the
 * link in use from their cursors, and waits when nothing works. Connects while something is subscribed, and a little
 * longer. On the loop.
 */
final class Engine implements Link.Owner, Feed.Owner {
    /** Subscriptions of one client: as many as a line may have. */
    static final int SUBSCRIPTIONS_MAX = 1_000;

    private static final long LINGER_MILLIS = 5_000;
    private static final long RENEW_EVERY_MILLIS = 1_000;

    // Races in a row that somebody else answered, before anything has worked.
    private static final int STRANGERS_MAX = 4;

    /** Makes links. */
    interface Links {
        Link make(Transport transport, Link.Owner owner, String token);
    }

    private final Loop loop;
    private final Links maker;
    private final Tokens tokens;
    private final DoubleSupplier random;
    private final List<Transport> transports;
    private final Consumer<Status> onStatus;
    private final Map<String, Feed> feeds = new HashMap<>(); // by channel
    private final Set<Reading> readings = new LinkedHashSet<>(); // those of feeds, and of feeds that have ended
    private final Map<Transport, Link> links = new EnumMap<>(Transport.class);
    private final Map<Transport, String> troubles = new EnumMap<>(Transport.class);

    private Ladder ladder;
    private @Nullable Link used;
    private Loop.@Nullable Timer tick;
    private Loop.@Nullable Timer retry;
    private Loop.@Nullable Timer renewal;
    private Loop.@Nullable Timer linger;
    private boolean running; // from the first subscription until a while after the last
    private boolean late;
    private long renewedMillis = Long.MIN_VALUE / 2;
    private long unauthorizedMillis = Long.MIN_VALUE / 2;
    private int attempt;
    private boolean worked; // once
    private boolean stranger; // answered the last try over HTTP
    private int strangers; // races
    private Backoff.Told told = Backoff.Told.NOTHING;
    private long retryAtMillis = Long.MIN_VALUE;
    private boolean waitIsTold; // by the server, which is obeyed
    private @Nullable SwitchboardException end;
    private Status status = new Status(State.CONNECTING, Optional.empty(), "", 0, OptionalLong.empty(), Instant.now());

    /** @param transports that are allowed, best first */
    Engine(
            Loop loop,
            Links maker,
            Tokens tokens,
            DoubleSupplier random,
            List<Transport> transports,
            Consumer<Status> onStatus) {
        this.loop = loop;
        this.maker = maker;
        this.tokens = tokens;
        this.random = random;
        this.transports = transports;
        this.onStatus = onStatus;
        this.ladder = new Ladder(transports, null);
    }

    /** The line, if that is what is read over. */
    @Nullable
    LineLink line() {
        return used instanceof LineLink line ? line : null;
    }

    // ---- subscriptions

    void add(Reading reading) {
        if (reading.isOver()) return;
        SwitchboardException refusal = refusal();
        if (refusal != null) {
            reading.end(End.refused(refusal));
            return;
        }
        readings.add(reading);
        if (linger != null) linger.cancel();
        Feed known = feeds.get(reading.channel());
        Feed feed =
                known == null ? new Feed(loop, reading.channel(), reading.how().from(), this) : known;
        feeds.put(reading.channel(), feed);
        feed.join(reading);
        if (running) {
            if (known == null) for (Link link : links.values()) link.follow(feed);
            if (used != null && used.transport() != Transport.WEBSOCKET) feed.presenceUnknown();
            changed();
        } else {
            running = true;
            changed();
            start();
        }
    }

    private @Nullable SwitchboardException refusal() {
        if (end != null) return end;
        if (readings.size() < SUBSCRIPTIONS_MAX) return null;
        return new SwitchboardException(
                "too_many", "", "A client has at most " + SUBSCRIPTIONS_MAX + " subscriptions.");
    }

    @Override
    public List<Feed> active() {
        return feeds.values().stream().filter(Feed::isActive).toList();
    }

    @Override
    public void paused(Feed feed) {
        for (Link link : List.copyOf(links.values())) link.pause(feed);
    }

    @Override
    public void resumed(Feed feed) {
        for (Link link : List.copyOf(links.values())) link.follow(feed);
    }

    @Override
    public void rewanted(Feed feed) {
        for (Link link : List.copyOf(links.values())) link.rewanted(feed);
    }

    @Override
    public void ended(Feed feed) {
        if (!feeds.remove(feed.channel(), feed)) return;
        for (Link link : List.copyOf(links.values())) link.unfollow(feed);
        changed();
    }

    @Override
    public void ended(Reading reading) {
        if (!readings.remove(reading)) return;
        if (readings.isEmpty() && end == null) linger = loop.after(LINGER_MILLIS, this::rest);
        changed();
    }

    // Nothing is subscribed any more.
    private void rest() {
        if (!readings.isEmpty()) return;
        running = false;
        stop();
        ladder = new Ladder(transports, ladder.remembered());
        troubles.clear();
        changed();
    }

    // ---- the ladder

    private void start() {
        retryAtMillis = Long.MIN_VALUE;
        tokens.ready(() -> {
            if (running && end == null) run(ladder.begin(loop.nowMillis()));
        });
    }

    private void run(List<Ladder.Command> commands) {
        for (Ladder.Command command : commands) {
            Transport rung = command.rung();
            if (rung == null) backOff();
            else if (command.kind() == Ladder.Command.Kind.TRY) attempt(rung);
            else if (command.kind() == Ladder.Command.Kind.USE) use(rung);
            else if (command.kind() == Ladder.Command.Kind.DROP) drop(rung);
            else attempt = 0;
        }
        if (end != null) return;
        if (tick != null) tick.cancel();
        OptionalLong until = ladder.waitUntil();
        tick = until.isEmpty()
                ? null
                : loop.after(until.getAsLong() - loop.nowMillis(), () -> run(ladder.tick(loop.nowMillis())));
        changed();
    }

    private void attempt(Transport rung) {
        Link link = maker.make(rung, this, tokens.token());
        links.put(rung, link);
        link.begin();
    }

    private void use(Transport rung) {
        Link link = links.get(rung);
        if (link == null) return;
        used = link;
        worked = true;
        late = false;
        told = Backoff.Told.NOTHING;
        troubles.remove(rung);
        link.use();
        for (Feed feed : active()) {
            // The others read since they began; what they brought is taken, and comes once.
            if (rung == Transport.WEBSOCKET) link.follow(feed);
            else feed.presenceUnknown();
        }
        watchToken();
    }

    private void drop(Transport rung) {
        Link link = links.remove(rung);
        if (link == null) return;
        link.end();
        if (link.equals(used)) used = null;
        if (used == null || used.transport().compareTo(rung) > 0) troubles.put(rung, silence(rung));
    }

    private static String silence(Transport rung) {
        return switch (rung) {
            case WEBSOCKET -> "no reply within 10 s";
            case SSE -> "its first bytes did not come within 10 s";
            case LONG_POLL, POLLING -> "no answer within 10 s";
        };
    }

    private void backOff() {
        if (retry != null) retry.cancel();
        strangers = stranger && !worked ? strangers + 1 : 0;
        if (strangers >= STRANGERS_MAX) {
            close(new SwitchboardException(
                    "not_found", "", "No Switchboard server answers at the URL; it is that of something else."));
            return;
        }
        long millis = Backoff.delay(attempt++, random.getAsDouble(), told);
        waitIsTold = !(told instanceof Backoff.Told.Nothing);
        told = Backoff.Told.NOTHING;
        retryAtMillis = loop.nowMillis() + millis;
        retry = loop.after(millis, this::start);
    }

    /** The machine has another network: what was found out about the old one does not count. */
    void networkChanged() {
        if (!running || end != null) return;
        run(ladder.networkChanged(loop.nowMillis()));
        if (retryAtMillis == Long.MIN_VALUE || waitIsTold) return;
        if (retry != null) retry.cancel();
        start();
    }

    // ---- what links tell

    @Override
    public void proven(Link link) {
        if (!link.equals(links.get(link.transport()))) return;
        tokens.accepted();
        if (!link.equals(used)) run(ladder.proven(link.transport(), loop.nowMillis()));
    }

    @Override
    public void over(Link link, Link.Over over) {
        Transport rung = link.transport();
        if (!links.remove(rung, link)) return;
        boolean wasUsed = link.equals(used);
        if (wasUsed) used = null;
        troubles.put(rung, over.why());
        if (!(over.told() instanceof Backoff.Told.Nothing)) told = over.told();
        long now = loop.nowMillis();
        if (rung != Transport.WEBSOCKET) stranger = over.kind() == Link.Over.Kind.STRANGER;
        switch (over.kind()) {
            case NOWHERE -> close(new SwitchboardException("not_found", "path", sentence(over.why())));
            case LOST, STRANGER -> run(wasUsed ? ladder.ended(rung, now, false) : ladder.failed(rung, now));
            case BUSY -> run(wasUsed ? ladder.ended(rung, now, true) : ladder.busy(rung, now));
            case PLANNED -> {
                attempt = 0;
                run(wasUsed ? ladder.ended(rung, now, true) : ladder.failed(rung, now));
            }
            case UNAUTHORIZED -> unauthorized(link, wasUsed, now);
            case FINAL -> {
                if (wasUsed) {
                    close(new SwitchboardException(
                            "refused", "", "The server does not want this client: " + over.why() + "."));
                } else {
                    run(ladder.failed(rung, now));
                }
            }
        }
    }

    private static String sentence(String why) {
        return Character.toUpperCase(why.charAt(0)) + why.substring(1);
    }

    // With another token it is tried at once: this was no fault of the way. But not again and again, where one token
    // after
    // the other is accepted first and then refused.
    private void unauthorized(Link link, boolean wasUsed, long now) {
        tokens.refused(link.token(), () -> {});
        if (end != null) return;
        if (now - unauthorizedMillis >= Ladder.STABLE_MILLIS) told = new Backoff.Told.Exactly(0);
        unauthorizedMillis = now;
        run(wasUsed ? ladder.ended(link.transport(), now, true) : ladder.busy(link.transport(), now));
    }

    @Override
    public void late(Link link, boolean isLate) {
        if (!link.equals(used)) return;
        late = isLate;
        changed();
    }

    @Override
    public double random() {
        return random.getAsDouble();
    }

    // ---- tokens

    // A token that is short-lived from the beginning is about to end at once, and is replaced at half of its life.
    @Override
    public void expiring(Link link) {
        long earliest = Math.max(
                tokens.renewAtMillis() == Long.MAX_VALUE ? 0 : tokens.renewAtMillis(),
                renewedMillis + RENEW_EVERY_MILLIS);
        if (renewal != null) renewal.cancel();
        renewal = loop.after(earliest - loop.nowMillis(), () -> tokens.renew(() -> renewedFor(link)));
    }

    // Whoever renews tokens may do so at the last moment: until the line ends, it is asked whether there is another
    // now.
    private void renewedFor(Link link) {
        boolean same = tokens.token().equals(link.token());
        renewed();
        if (same && tokens.mayChange() && links.containsValue(link)) expiring(link);
    }

    @Override
    public void accepted() {
        tokens.accepted();
    }

    @Override
    public void refused(String token) {
        tokens.refused(token, this::renewed);
    }

    private void renewed() {
        renewedMillis = loop.nowMillis();
        for (Link link : List.copyOf(links.values())) link.renewed(tokens.token());
        watchToken();
    }

    // A line is told when its token is about to end; over HTTP the client sees to it.
    private void watchToken() {
        if (tokens.renewAtMillis() == Long.MAX_VALUE || used == null || used.transport() == Transport.WEBSOCKET) return;
        if (renewal != null) renewal.cancel();
        long earliest = Math.max(tokens.renewAtMillis(), renewedMillis + RENEW_EVERY_MILLIS);
        renewal = loop.after(earliest - loop.nowMillis(), () -> tokens.renew(this::renewed));
    }

    // ---- how it is

    @Override
    public void changed() {
        State state;
        if (end != null) state = State.OFFLINE;
        else if (used != null) state = late ? State.BEHIND : State.LIVE;
        else if (retryAtMillis != Long.MIN_VALUE) state = State.OFFLINE;
        else state = status.state() == State.OFFLINE ? State.OFFLINE : State.CONNECTING;
        for (Reading reading : List.copyOf(readings)) reading.connection(state);
        boolean behind = state == State.LIVE && readings.stream().anyMatch(reading -> !reading.isCurrent());
        tell(behind ? State.BEHIND : state);
    }

    private void tell(State state) {
        Optional<Transport> transport = Optional.ofNullable(used).map(Link::transport);
        String why = why();
        long left = retryAtMillis - loop.nowMillis();
        OptionalLong retryIn = used != null || retryAtMillis == Long.MIN_VALUE
                ? OptionalLong.empty()
                : OptionalLong.of(Math.max(0, left));
        boolean news = state != status.state()
                || !transport.equals(status.transport())
                || !why.equals(status.why())
                || attempt != status.attempt()
                || retryIn.isPresent() != status.retryInMillis().isPresent();
        if (!news) return;
        status = new Status(state, transport, why, attempt, retryIn, Instant.now());
        onStatus.accept(status);
    }

    private String why() {
        if (end != null) return String.valueOf(end.getMessage());
        if (!running) return "nothing is subscribed";
        StringBuilder why = new StringBuilder();
        troubles.forEach((rung, trouble) -> {
            if (used != null && used.transport().compareTo(rung) <= 0) return;
            if (why.length() > 0) why.append("; ");
            why.append(rung).append(": ").append(trouble);
        });
        return why.length() == 0 && used == null ? "nothing has answered yet" : why.toString();
    }

    // ---- the end

    /** Ends all subscriptions with this, and connects no more. */
    void close(SwitchboardException why) {
        if (end != null) return;
        end = why;
        stop();
        End how = why.code().equals(SwitchboardException.CLIENT_CLOSED) ? End.CANCELLED : End.refused(why);
        for (Reading reading : List.copyOf(readings)) reading.end(how);
        changed();
    }

    private void stop() {
        for (Loop.Timer timer : new Loop.@Nullable Timer[] {tick, retry, renewal, linger}) {
            if (timer != null) timer.cancel();
        }
        retryAtMillis = Long.MIN_VALUE;
        used = null;
        List<Link> open = List.copyOf(links.values());
        links.clear();
        open.forEach(Link::end);
    }
}
