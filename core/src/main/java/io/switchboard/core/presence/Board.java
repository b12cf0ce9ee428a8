package io.switchboard.core.presence;

import io.switchboard.core.channel.ChannelName;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Who is on one channel, and which loops want to know. Belongs to the channel's owner. */
final class Board {
    /** There while it has attendances, for a grace after the last one, and while other nodes have it. */
    static final class Member {
        int attendances;
        boolean here; // has attendances, or its grace
        int elsewhere; // how many other nodes have it

        boolean isGone() {
            return !here && elsewhere == 0;
        }
    }

    private record Admission(Audience audience, Attendance attendance) {}

    final ChannelName channel;
    final Map<String, Member> members = new HashMap<>();
    int here; // how many of them are
    private final List<Audience> audiences =
            new ArrayList<>(1); // those with attendances that have been shown a picture
    boolean crowded; // too many to be named, since they were more than the limit
    long countedAtLook = Long.MIN_VALUE / 2; // when their number was told last

    // Kept by the gathering.
    final OwnPart own = new OwnPart();

    @Nullable
    OtherParts others; // while it is followed

    private boolean gathering; // the first look at others is under way: nobody is shown a picture before
    private final List<Admission> admissions = new ArrayList<>(0); // until then; no more than attendances
    private final List<Runnable> asking = new ArrayList<>(0); // likewise, up to the limit of the gathering

    Board(ChannelName channel) {
        this.channel = channel;
    }

    /** Lets it know that the attendance counts; before that, if it is new here, all there is to know. */
    void admit(Audience audience, Attendance attendance) {
        if (gathering) {
            admissions.add(new Admission(audience, attendance));
            return;
        }
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
        admissions.removeIf(admission -> admission.audience() == audience);
    }

    /** One task for each loop that watches. */
    void tell(News news) {
        for (Audience audience : audiences) audience.loop().execute(() -> audience.hear(news));
    }

    Snapshot snapshot() {
        return crowded ? new Snapshot.Crowd(members.size()) : new Snapshot.Members(List.copyOf(members.keySet()));
    }

    List<String> idsHere() {
        List<String> ids = new ArrayList<>(here);
        members.forEach((id, member) -> {
            if (member.here) ids.add(id);
        });
        return ids;
    }

    // ---- until others were looked at ----

    void beginGathering() {
        gathering = true;
    }

    /** It has happened, or cannot now. */
    void endGathering() {
        if (!gathering) return;
        gathering = false;
        List<Admission> waiting = List.copyOf(admissions);
        admissions.clear();
        for (Admission admission : waiting) admit(admission.audience(), admission.attendance());
        List<Runnable> answers = List.copyOf(asking);
        asking.clear();
        answers.forEach(Runnable::run);
    }

    /** Has the answer given once it is known who is elsewhere, at once if that is so, or too many wait already. */
    void whenGathered(Runnable answer, int waitingMax) {
        if (gathering && asking.size() < waitingMax) asking.add(answer);
        else answer.run();
    }
}
