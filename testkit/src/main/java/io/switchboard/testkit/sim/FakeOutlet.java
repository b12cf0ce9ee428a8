package io.switchboard.testkit.sim;

import io.switchboard.core.channel.Block;
import io.switchboard.core.channel.Offset;
import io.switchboard.core.channel.Run;
import io.switchboard.core.reading.Delivery;
import io.switchboard.core.reading.Outlet;
import io.switchboard.core.reading.Reader;
import io.switchboard.testkit.check.DeliveryChecker;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * A client's end of a reader, with manners that the world's random decides on: it takes, is full for
 * a while, goes, or closes its reader in the middle of a call. It tells a watch all it gets. Belongs to
 * the world's thread.
 */
public final class FakeOutlet implements Outlet, SimWorld.Actor {
    /**
     * How it behaves; {@link Integer#MAX_VALUE} for never.
     *
     * @param fullOneIn of so many offers one finds no room
     * @param goneOneIn of so many offers one finds nobody
     * @param closesOneIn in one of so many calls it closes its reader
     * @param afterGap what it does about a gap
     */
    public record Manners(int fullOneIn, int goneOneIn, int closesOneIn, AfterGap afterGap) {
        public static final Manners GOOD =
                new Manners(Integer.MAX_VALUE, Integer.MAX_VALUE, Integer.MAX_VALUE, AfterGap.RESUME);
    }

    private final SimWorld world;
    private final SimLoop loop;
    private final CountedForm form;
    private final DeliveryChecker.Watch watch;
    private final DeliveryChecker checker;
    private Manners manners;
    private @Nullable Reader reader;
    private boolean full;
    private boolean over;
    private Runnable mischief = () -> {};

    public FakeOutlet(
            SimWorld world,
            SimLoop loop,
            CountedForm form,
            DeliveryChecker checker,
            DeliveryChecker.Watch watch,
            Manners manners) {
        this.world = world;
        this.loop = loop;
        this.form = form;
        this.checker = checker;
        this.watch = watch;
        this.manners = manners;
    }

    /** Its reader is made after it; to be told before the loop goes on. */
    public void reads(Reader with) {
        reader = with;
    }

    public void behave(Manners from) {
        manners = from;
    }

    /** Done in the middle of every call from now on. */
    public void mischief(Runnable inEveryCall) {
        mischief = inEveryCall;
    }

    /** Whether it hears nothing any more: its reader ended, or it left. */
    public boolean isOver() {
        return over;
    }

    /** Its client goes: at once on its loop, else when the loop gets to it. */
    public void leave() {
        if (!loop.inLoop()) {
            loop.execute(this::leave);
        } else if (!over) {
            goes();
            if (reader != null) reader.close();
        }
    }

    /** Says that there is room, though nobody asked. */
    public void nudge() {
        if (!loop.inLoop()) loop.execute(this::nudge);
        else if (reader != null) reader.writable();
    }

    private void goes() {
        over = true;
        watch.away();
    }

    private boolean closes() {
        if (manners.closesOneIn == Integer.MAX_VALUE || !world.oneIn(manners.closesOneIn)) return false;
        leave();
        return true;
    }

    @Override
    public boolean ready() {
        return full && !over;
    }

    /** There is room again. */
    @Override
    public void step() {
        full = false;
        loop.execute(() -> {
            if (reader != null) reader.writable();
        });
    }

    @Override
    public Offer offer(Reader by, Delivery delivery) {
        if (over) checker.complain("offered to an outlet that is over");
        CountedForm.Encoded encoded = delivery.as(form);
        mischief.run();
        boolean closed = closes();
        if (encoded.isReleased()) checker.complain("released in the middle of an offer");
        if (closed) return world.oneIn(2) ? Offer.ACCEPTED : world.oneIn(2) ? Offer.FULL : Offer.GONE;
        if (over) return Offer.GONE;
        if (manners.goneOneIn != Integer.MAX_VALUE && world.oneIn(manners.goneOneIn)) {
            goes();
            return Offer.GONE;
        }
        if (manners.fullOneIn != Integer.MAX_VALUE && world.oneIn(manners.fullOneIn)) {
            full = true;
            return Offer.FULL;
        }
        for (Run.Slice slice : delivery.run().slices()) {
            Block block = slice.block();
            for (int i = slice.from(); i < slice.to(); i++) {
                watch.message(
                        new Offset(block.generation(), block.firstSequence() + i).toString(),
                        new String(block.message(i), StandardCharsets.UTF_8));
            }
        }
        return Offer.ACCEPTED;
    }

    @Override
    public void caughtUp(Reader by) {
        watch.caughtUp(by.position().toString());
        mischief.run();
        closes();
    }

    @Override
    public AfterGap gap(Reader by, Offset from, Offset to) {
        if (manners.afterGap == AfterGap.STOP) {
            goes();
            return AfterGap.STOP;
        }
        watch.gap(from.toString(), to.toString());
        mischief.run();
        closes();
        return AfterGap.RESUME;
    }

    @Override
    public void ended(Reader by, End end) {
        if (over) checker.complain("ended " + end + " told to an outlet that is over");
        over = true;
        Offset at = by.position();
        watch.ended(DeliveryChecker.End.valueOf(end.name()), at.equals(Offset.ZERO) ? null : at.toString());
        mischief.run();
    }
}
