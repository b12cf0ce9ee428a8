package io.switchboard.core.presence;

import io.switchboard.core.channel.ChannelName;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Who is on one channel, and which loops want to know. Belongs to the channel's owner. */
final class Board {
    /** There while it has attendances, and for a grace after the last one. */
    static final class Member {
        int attendances;
    }

    final ChannelName channel;
    final Map<String, Member> members = new HashMap<>();
    private final List<Audience> audiences = new ArrayList<>(1); // those with attendances
    boolean crowded; // too many to be named, since they were more than the limit
    long countedAtLook; // when their number was told last

    Board(ChannelName channel) {
        this.channel = channel;
    }

    /** Lets it know that the attendance counts; before that, if it is new here, all there is to know. */
    void admit(Audience audience, Attendance attendance) {
        if (audiences.contains(audience)) {
            audience.loop().execute(() -> audience.entered(attendance));
            return;
        }
        audiences.add(audience);
        News picture = new News.Present(snapshot());
        audience.loop().execute(() -> {
            audience.hear(picture);
            audience.entered(attendance);
        });
    }

    /** It has no attendances any more. */
    void dismiss(Audience audience) {
        audiences.remove(audience);
    }

    /** One task for each loop that watches. */
    void tell(News news) {
        for (Audience audience : audiences) audience.loop().execute(() -> audience.hear(news));
    }

    Snapshot snapshot() {
        return crowded ? new Snapshot.Crowd(members.size()) : new Snapshot.Members(List.copyOf(members.keySet()));
    }
}
