package io.switchboard.http.live;

import io.switchboard.core.access.Right;
import io.switchboard.core.advice.Held;
import io.switchboard.core.channel.ChannelName;
import io.switchboard.core.channel.Offset;
import io.switchboard.core.exchange.Exchange;
import io.switchboard.core.presence.Presence;
import io.switchboard.core.reading.Delivery;
import io.switchboard.core.reading.Outlet;
import io.switchboard.core.reading.Page;
import io.switchboard.core.reading.ReadFrom;
import io.switchboard.core.reading.Reader;
import io.switchboard.http.Occupation;
import io.switchboard.http.Socket;
import io.switchboard.http.access.Denials;
import io.switchboard.http.outcome.Problems;
import io.switchboard.http.wire.ErrorCode;
import io.switchboard.http.wire.Problem;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The subscriptions of one connection, and the outlet that their readers share. There may be hundreds on each of
 * thousands of connections, so a subscription is its {@link Reader} and nothing else; what few ask for beside the
 * messages is kept by a {@link Line}. Belongs to the connection's loop.
 */
final class Lines implements Outlet {
    private static final int WOKEN_MAX = 4;

    /** A channel that is being looked at, and will be read from there. */
    private record Look(long id, Action.Subscribe wish) {}

    private final LineSocket owner;
    private final Exchange exchange;
    private final Presence presence;
    private final int channelsMax;
    private final ReaderTable readers = new ReaderTable();
    private List<Look> looks = List.of(); // an immutable one while it is empty, as it is mostly
    private List<Reader> woken = List.of(); // of `readers`, and not answered yet; so is this
    private int lines; // of `readers`, those that have one for an outlet
    private boolean refused; // one of the others had no room, as far as is known
    private int turn; // of the places of `readers`, to be told that there is room

    /** @param channelsMax 1 or more */
    Lines(LineSocket owner, Exchange exchange, Presence presence, int channelsMax) {
        this.owner = owner;
        this.exchange = exchange;
        this.presence = presence;
        this.channelsMax = channelsMax;
    }

    private static <T> List<T> with(List<T> few, T one) {
        List<T> all = few.isEmpty() ? new ArrayList<>(1) : few;
        all.add(one);
        return all;
    }

    private static <T> List<T> without(List<T> few, T one) {
        few.remove(one);
        return few.isEmpty() ? List.of() : few;
    }

    private @Nullable Look look(ChannelName channel) {
        for (Look look : looks) {
            if (look.wish.channel().equals(channel)) return look;
        }
        return null;
    }

    Occupation occupation() {
        int lagging = 0;
        String channel = null;
        for (int i = 0; i < readers.places(); i++) {
            Reader reader = readers.at(i);
            if (reader == null) continue;
            if (reader.state() == Reader.State.LAGGING) lagging++;
            if (readers.size() == 1) channel = reader.channel().value();
        }
        return new Occupation("line", channel, readers.size(), lagging);
    }

    // --- they begin and end

    /**
     * A channel that is not there yet is waited for: those who listen are often there before those who speak.
     *
     * @param bytes consumed when the client has had its answer
     */
    void subscribe(long id, Action.Subscribe wish, int bytes) {
        ChannelName channel = wish.channel();
        if (readers.find(channel) != null || look(channel) != null) {
            refuse(id, ErrorCode.CONFLICT, "This connection is subscribed to " + channel + " already.");
            owner.socket().consumed(bytes);
            return;
        }
        if (readers.size() + looks.size() >= channelsMax) {
            refuse(id, ErrorCode.TOO_MANY, "One connection has at most " + channelsMax + " channels.");
            owner.socket().consumed(bytes);
            return;
        }
        Look look = new Look(id, wish);
        looks = with(looks, look);
        exchange.page(channel, wish.from(), 1, owner.socket().loop(), page -> {
            owner.socket().consumed(bytes);
            looked(look, page);
        });
    }

    private void refuse(long id, ErrorCode code, String sentence) {
        owner.error(id, Problem.of(code, sentence));
    }

    private void looked(Look look, Page page) {
        if (!looks.contains(look)) {
            refuse(look.id, ErrorCode.CONFLICT, "The subscription was ended before it began.");
            return;
        }
        looks = without(looks, look);
        ReadFrom from = look.wish.from();
        switch (page) {
            case Page.AtTail(var info, var tail) -> begin(look, new ReadFrom.At(tail.offset()));
            case Page.Messages(var info, var tail, var run) ->
                begin(
                        look,
                        from instanceof ReadFrom.At
                                ? from
                                : new ReadFrom.At(info.lineage().offsetAt(run.firstSequence() - 1)));
            case Page.Trimmed trimmed -> begin(look, from);
            case Page.Lost lost -> begin(look, from);
            case Page.NotFound() when !(from instanceof ReadFrom.At) -> begin(look, new ReadFrom.Earliest());
            default -> owner.error(look.id, Problems.of(page));
        }
    }

    private void begin(Look look, ReadFrom from) {
        Action.Subscribe wish = look.wish;
        String offset = from instanceof ReadFrom.At(Offset at) ? at.toString() : "-1";
        owner.ok(look.id, "{\"channel\":\"" + wish.channel() + "\",\"offset\":\"" + offset + "\"}");
        boolean awaited = !(from instanceof ReadFrom.At);
        Line line = wish.rate() == 0 && !wish.presence() ? null : new Line(owner, this, wish.rate(), from);
        Outlet outlet = line == null ? this : line;
        Held held = wish.rate() == 0 ? Held.SOCKET : Held.PACED_SOCKET;
        Reader reader =
                exchange.read(wish.channel(), from, awaited, owner.socket().loop(), outlet, held);
        if (wish.rate() > 0) exchange.asks(wish.channel(), 1 / wish.rate());
        readers.add(reader);
        if (line != null) lines++;
        if (line != null && wish.presence()) {
            line.attend(Attending.begin(owner, reader.channel(), owner.member(), presence));
        }
    }

    void unsubscribe(long id, ChannelName channel) {
        if (!end(channel)) {
            refuse(id, ErrorCode.NOT_FOUND, "This connection is not subscribed to " + channel + ".");
            return;
        }
        owner.ok(id, "{\"channel\":\"" + channel + "\"}");
    }

    /** Ends those that may not be read any more. */
    void allowedAnew() {
        List<ChannelName> channels = new ArrayList<>(readers.size() + looks.size());
        readers.forEach(reader -> channels.add(reader.channel()));
        for (Look look : looks) channels.add(look.wish.channel());
        for (ChannelName channel : channels) {
            if (!owner.allows(Right.READ, channel) && end(channel)) owner.fail(Denials.forbidden(Right.READ, channel));
        }
    }

    // Without a word; whether there was one.
    private boolean end(ChannelName channel) {
        Look look = look(channel);
        if (look != null) looks = without(looks, look);
        Reader reader = readers.find(channel);
        if (reader != null) {
            reader.close();
            remove(reader);
        }
        return look != null || reader != null;
    }

    private void remove(Reader reader) {
        int before = readers.size();
        readers.remove(reader);
        if (reader.outlet() instanceof Line line) {
            line.stop();
            lines -= before - readers.size();
        }
        answered(reader);
    }

    void gone() {
        looks = List.of();
        woken = List.of();
        readers.forEach(reader -> {
            reader.close();
            if (reader.outlet() instanceof Line line) line.stop();
        });
        readers.clear();
        lines = 0;
    }

    // --- room

    void writable() {
        woken = List.of(); // whoever was woken before has had its time
        if (lines > 0) {
            readers.forEach(reader -> {
                if (reader.outlet() instanceof Line line) line.writable();
            });
        }
        if (lines > 0 || refused) wake(); // else there may be ten thousand to look at in vain
    }

    // A few at a time, by turns: each loads a page, which is for nothing where the one before fills the socket.
    private void wake() {
        int size = readers.size();
        int left = readers.places();
        for (; left > 0 && woken.size() < WOKEN_MAX && owner.socket().isWritable(); left--) {
            turn = (turn + 1) % readers.places(); // of which there may be fewer, as one that is woken may end
            Reader reader = readers.at(turn);
            if (reader == null || reader.state() != Reader.State.LAGGING) continue;
            woken = with(woken, reader);
            if (reader.outlet() instanceof Line line) line.goOn(reader);
            else reader.writable();
        }
        if (left == 0 && woken.isEmpty() && readers.size() == size) refused = false; // none lags
    }

    /** If the reader was woken, it has had its answer, and another may be. */
    void answered(Reader reader) {
        if (!woken.contains(reader)) return;
        woken = without(woken, reader);
        wake();
    }

    // --- what the channels have for the client

    @Override
    public Offer offer(Reader reader, Delivery delivery) {
        Socket to = owner.socket();
        Offer offer = to.isWritable() ? Offer.ACCEPTED : Offer.FULL;
        if (offer == Offer.FULL) {
            refused = true;
        } else {
            // What several channels have in one turn of the loop takes one write.
            if (readers.size() <= 1) to.share(delivery.as(owner.form()));
            else to.write(delivery.as(owner.form()).retainedDuplicate());
        }
        answered(reader);
        return offer;
    }

    @Override
    public void caughtUp(Reader reader) {
        answered(reader);
    }

    @Override
    public AfterGap gap(Reader reader, Offset from, Offset to) {
        ChannelName channel = reader.channel();
        owner.tell(
                "{\"event\":\"gap\",\"channel\":\"" + channel + "\",\"from\":\"" + from + "\",\"to\":\"" + to + "\"}",
                Problem.of(ErrorCode.GONE, "Messages of " + channel + " are gone that were not seen here; it goes on.")
                        .with("channel", channel.value())
                        .with("reason", "gap"));
        return AfterGap.RESUME;
    }

    @Override
    public void ended(Reader reader, End end) {
        remove(reader);
        ChannelName channel = reader.channel();
        switch (end) {
            case CLOSED -> tellEnd(channel, "closed", "The channel " + channel + " is closed; this was all.");
            case DELETED -> tellEnd(channel, "deleted", "The channel " + channel + " was deleted.");
            case FAILED ->
                owner.fail(Problem.of(
                                ErrorCode.UNAVAILABLE,
                                "The store does not answer now, and the subscription has ended; subscribe again.")
                        .with("channel", channel.value()));
        }
    }

    private void tellEnd(ChannelName channel, String event, String sentence) {
        owner.tell(
                "{\"event\":\"" + event + "\",\"channel\":\"" + channel + "\"}",
                Problem.of(ErrorCode.GONE, sentence)
                        .with("channel", channel.value())
                        .with("reason", event));
    }
}
