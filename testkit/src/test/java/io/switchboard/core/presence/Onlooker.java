package io.switchboard.core.presence;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A watcher that keeps the picture a client would, and complains about news that do not fit it. Its
 * manners say what it answers; what it does not take it does not learn from. Belongs to the test's thread.
 */
final class Onlooker implements Watcher {
    private static final int NAMES_SHOWN_MAX = 50;

    /** What it was told, in words. */
    final List<String> heard = new ArrayList<>();

    final List<String> complaints = new ArrayList<>();
    private final LongSupplier nowMillis;
    Supplier<Offer> manners = () -> Offer.ACCEPTED;

    @Nullable
    TreeSet<String> names; // null while it knows none

    int count = -1;
    boolean deaf = true; // in the call to attend, after it said it was full, and once it left
    private long countedMillis = Long.MIN_VALUE / 2;

    Onlooker(LongSupplier nowMillis) {
        this.nowMillis = nowMillis;
    }

    /** Whether it waits for a picture of those there now. */
    boolean isBlank() {
        return count < 0;
    }

    @Override
    public Offer present(Snapshot snapshot) {
        String words = "present " + shown(snapshot);
        if (!takes(words)) return Offer.FULL;
        names = snapshot instanceof Snapshot.Members(List<String> ids) ? new TreeSet<>(ids) : null;
        if (names != null && names.size() != snapshot.count()) complaints.add("somebody twice: " + words);
        count = snapshot.count();
        countedMillis = Long.MIN_VALUE / 2;
        return Offer.ACCEPTED;
    }

    private static String shown(Snapshot snapshot) {
        return snapshot instanceof Snapshot.Members(List<String> ids) && ids.size() <= NAMES_SHOWN_MAX
                ? String.join(" ", new TreeSet<>(ids))
                : Integer.toString(snapshot.count());
    }

    @Override
    public Offer joined(String member) {
        if (!takes("joined " + member)) return Offer.FULL;
        if (names == null || !names.add(member)) complaints.add("joined " + member + " does not fit " + names);
        count++;
        return Offer.ACCEPTED;
    }

    @Override
    public Offer left(String member) {
        if (!takes("left " + member)) return Offer.FULL;
        if (names == null || !names.remove(member)) complaints.add("left " + member + " does not fit " + names);
        count--;
        return Offer.ACCEPTED;
    }

    @Override
    public Offer counted(int members) {
        if (!takes("counted " + members)) return Offer.FULL;
        if (isBlank()) complaints.add("counted before any picture");
        long now = nowMillis.getAsLong();
        if (now < countedMillis + Presence.COUNT_EVERY_MILLIS) complaints.add("counted again too soon");
        names = null;
        count = members;
        countedMillis = now;
        return Offer.ACCEPTED;
    }

    private boolean takes(String words) {
        if (deaf) complaints.add("told while it should not be: " + words);
        deaf = true; // while it thinks, and if it throws
        boolean takes = manners.get() == Offer.ACCEPTED;
        heard.add(takes ? words : "refused " + words);
        if (takes) {
            deaf = false;
        } else {
            names = null;
            count = -1;
        }
        return takes;
    }
}
