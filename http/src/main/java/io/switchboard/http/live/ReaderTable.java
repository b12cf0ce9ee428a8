package io.switchboard.http.live;

import io.switchboard.core.channel.ChannelName;
import io.switchboard.core.reading.Reader;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Readers of different channels, found by name. There may be a hundred thousand in one of these, and there is one for
 * each of many thousand connections with a single reader, so it is one array and nothing else: a reader lies at the
 * place that its channel's name hashes to, or at the next free one. Belongs to one loop.
 */
final class ReaderTable {
    private static final int PLACES_MIN = 2;

    private @Nullable Reader[] places = new Reader[PLACES_MIN]; // a power of two, an eighth of them free or more
    private int size;

    int size() {
        return size;
    }

    /** How many {@link #at} there are, free ones too; changes as readers come and go. */
    int places() {
        return places.length;
    }

    /** @param place below {@link #places} */
    @Nullable
    Reader at(int place) {
        return places[place];
    }

    @Nullable
    Reader find(ChannelName channel) {
        return places[place(channel)];
    }

    /** There must be none of its channel. */
    void add(Reader reader) {
        if ((size + 1) * 8 > places.length * 7) resize(places.length * 2);
        places[place(reader.channel())] = reader;
        size++;
    }

    /** Nothing happens if it is not here. */
    void remove(Reader reader) {
        int hole = place(reader.channel());
        if (places[hole] != reader) return;
        size--;
        // Whoever comes behind the hole and was pushed there by what is gone moves up.
        for (int i = next(hole); ; i = next(i)) {
            Reader other = places[i];
            if (other == null) break;
            if (distance(home(other.channel()), i) >= distance(hole, i)) {
                places[hole] = other;
                hole = i;
            }
        }
        places[hole] = null;
        if (places.length > 16 && size < places.length / 8) resize(places.length / 4);
    }

    void clear() {
        places = new Reader[PLACES_MIN];
        size = 0;
    }

    /** @param action must not change this table */
    void forEach(Consumer<Reader> action) {
        for (Reader reader : places) {
            if (reader != null) action.accept(reader);
        }
    }

    private void resize(int length) {
        @Nullable Reader[] old = places;
        places = new Reader[length];
        for (Reader reader : old) {
            if (reader != null) places[place(reader.channel())] = reader;
        }
    }

    // Where the reader of that channel is, or would be put.
    private int place(ChannelName channel) {
        int i = home(channel);
        while (true) {
            Reader reader = places[i];
            if (reader == null || reader.channel().equals(channel)) return i;
            i = next(i);
        }
    }

    private int home(ChannelName channel) {
        int hash = channel.hashCode() * 0x9E3779B9; // names often differ in their last letters only
        return (hash ^ (hash >>> 16)) & (places.length - 1);
    }

    private int next(int place) {
        return (place + 1) & (places.length - 1);
    }

    private int distance(int from, int to) {
        return (to - from) & (places.length - 1);
    }
}
