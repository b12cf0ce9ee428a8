package io.switchboard.core.exchange;

import io.switchboard.core.advice.Held;
import io.switchboard.core.advice.Rules;
import io.switchboard.core.advice.Sighting;
import io.switchboard.core.advice.Sightings;
import io.switchboard.core.advice.Survey;
import io.switchboard.core.advice.Traffic;
import io.switchboard.core.channel.ChannelName;
import io.switchboard.core.channel.Payloads;
import io.switchboard.core.reading.Page;
import io.switchboard.core.reading.ReadFrom;
import io.switchboard.core.store.AppendOutcome;
import io.switchboard.core.time.Loop;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Notes what happens to the channels of one shard, so that it can be advised how to read them. Belongs to its loop. */
final class Observer {
    /** So many channels are looked at in one turn of the loop: about a millisecond's worth. */
    private static final int CHANNELS_PER_TURN = 100;

    private final Shard shard;
    private final Sightings sightings;

    Observer(Shard shard, Sightings sightings) {
        this.shard = shard;
        this.sightings = sightings;
    }

    private @Nullable Sighting of(ChannelName name) {
        ChannelLog log = shard.known(name);
        if (log == null) return null;
        if (log.sighting == null) log.sighting = sightings.begin(name);
        return log.sighting;
    }

    void appended(ChannelName name, boolean bySocket, Payloads payloads, AppendOutcome outcome) {
        if (!(outcome instanceof AppendOutcome.Appended)) return;
        Sighting sighting = of(name);
        if (sighting != null) {
            sighting.appended(sightings.tick(), bySocket, payloads.count(), payloads.bytes().length);
        }
    }

    /** @param waits whether whoever asked waits for messages if there are none */
    void polled(ChannelName name, ReadFrom from, boolean waits, Page page) {
        long count =
                switch (page) {
                    case Page.Messages messages -> messages.run().count();
                    case Page.InFile(var info, var tail, var stretch) ->
                        stretch.last().sequence() - stretch.firstSequence() + 1;
                    case Page.AtTail tail -> 0;
                    default -> -1;
                };
        Sighting sighting = count < 0 ? null : of(name);
        if (sighting == null) return;
        if (waits) sighting.longPolled(sightings.tick());
        else if (from instanceof ReadFrom.At) sighting.polled(sightings.tick(), count);
        else sighting.looked(sightings.tick());
    }

    /** A reader that lasts was given a page of the log. */
    void caughtUp(ChannelName name, Page page) {
        Sighting sighting = page instanceof Page.Messages ? of(name) : null;
        if (sighting != null) sighting.wasBehind(sightings.tick());
    }

    void held(ChannelName name, Held held, int more) {
        Sighting sighting = of(name);
        if (sighting != null) sighting.held(sightings.tick(), held, more);
    }

    void asked(ChannelName name, double everySeconds) {
        Sighting sighting = of(name);
        if (sighting != null) sighting.asked(sightings.tick(), everySeconds);
    }

    void forget(ChannelLog log) {
        if (log.sighting != null) sightings.forget(log.sighting);
        log.sighting = null;
    }

    Traffic traffic(ChannelName name) {
        ChannelLog log = shard.known(name);
        Sighting sighting = log == null ? null : log.sighting;
        return sighting == null ? Traffic.none(name) : sighting.traffic(sightings.tick());
    }

    /** Looks at all channels, some at a time. */
    void survey(Rules rules, Survey into, Consumer<Survey> answer) {
        into.notObserved(sightings.isFull() ? Math.max(0, shard.logs() - sightings.size()) : 0);
        look(sightings.list(), 0, rules, into, answer);
    }

    private void look(List<Sighting> all, int next, Rules rules, Survey into, Consumer<Survey> answer) {
        int end = Math.min(all.size(), next + CHANNELS_PER_TURN);
        int tick = sightings.tick();
        for (int i = next; i < end; i++) into.add(rules.advise(all.get(i).traffic(tick)));
        if (end == all.size()) answer.accept(into);
        else loop().after(0, () -> look(all, end, rules, into, answer));
    }

    private Loop loop() {
        return shard.loop();
    }
}
