package io.switchboard.http.live;

import io.switchboard.core.channel.ChannelName;
import io.switchboard.core.presence.Attendance;
import io.switchboard.core.presence.Presence;
import io.switchboard.core.presence.Snapshot;
import io.switchboard.core.presence.Watcher;
import java.nio.charset.StandardCharsets;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.io.JsonStringEncoder;

/** A subscription that is seen on its channel, and tells its client who else is. */
final class Attending implements Watcher {
    private final LineSocket owner;
    private final ChannelName channel;
    private @Nullable Attendance attendance;

    private Attending(LineSocket owner, ChannelName channel) {
        this.owner = owner;
        this.channel = channel;
    }

    static Attending begin(LineSocket owner, ChannelName channel, String member, Presence presence) {
        Attending attending = new Attending(owner, channel);
        attending.attendance = presence.attend(channel, member, owner.socket().loop(), attending);
        return attending;
    }

    void leave() {
        if (attendance != null) attendance.leave();
    }

    void writable() {
        if (attendance != null) attendance.writable();
    }

    /** Members of a JSON object that say who is there: {@code count}, and {@code members} where they are few. */
    static String picture(Snapshot snapshot) {
        return switch (snapshot) {
            case Snapshot.Crowd(int count) -> "\"count\":" + count;
            case Snapshot.Members members -> {
                StringJoiner list = new StringJoiner(",", "\"count\":" + members.count() + ",\"members\":[", "]");
                for (String id : members.ids()) list.add(member(id));
                yield list.toString();
            }
        };
    }

    private static String member(String id) {
        byte[] quoted = JsonStringEncoder.getInstance().quoteAsUTF8(id);
        return "{\"id\":\"" + new String(quoted, StandardCharsets.UTF_8) + "\"}";
    }

    @Override
    public Offer present(Snapshot snapshot) {
        return tell("presence", picture(snapshot));
    }

    @Override
    public Offer joined(String member) {
        return tell("join", "\"member\":" + member(member));
    }

    @Override
    public Offer left(String member) {
        return tell("leave", "\"member\":" + member(member));
    }

    @Override
    public Offer counted(int members) {
        return tell("presence", "\"count\":" + members);
    }

    private Offer tell(String event, String what) {
        if (!owner.socket().isWritable()) return Offer.FULL;
        owner.send("{\"event\":\"" + event + "\",\"channel\":\"" + channel + "\"," + what + "}");
        return Offer.ACCEPTED;
    }
}
