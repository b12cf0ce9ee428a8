package io.switchboard.store.redis;

import io.switchboard.core.channel.Append;
import io.switchboard.core.channel.Block;
import io.switchboard.core.channel.ChannelName;
import io.switchboard.core.channel.ChannelPolicy;
import io.switchboard.core.channel.ContentType;
import io.switchboard.core.channel.Durability;
import io.switchboard.core.channel.Offset;
import io.switchboard.core.channel.Policies;
import io.switchboard.core.channel.Producer;
import io.switchboard.core.channel.Retention;
import io.switchboard.core.channel.Tail;
import io.switchboard.core.figures.Figures;
import io.switchboard.core.store.AppendOutcome;
import io.switchboard.core.store.Failure;
import io.switchboard.core.store.StoreLimits;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Appends to one channel what has gathered for it: makes blocks of it, has {@code append.lua} decide and write them,
 * and says what became of each append. Where one of several is refused, the script refuses the block and what comes
 * after it; then they go again, each in a block of its own.
 *
 * <p>Any thread; nothing blocks. Of one channel it is asked for one thing after the other.
 */
final class Appender implements Lanes.Appending {
    /** Blocks of one append that go together: a script must not keep Redis from others for long. */
    private static final int APART_MAX = 256;

    private final Link link;
    private final Keys keys;
    private final Policies policies;
    private final Generations generations;
    private final byte[] producersMax;
    private final byte[] callBytesMax;
    private final Moments moments;
    private final Figures figures;
    private final CallDelay callDelay;
    private final Answered answered;

    /** Is told what became of appends, those of a channel in their order. */
    interface Answered {
        void answered(List<Waiting> appends, List<AppendOutcome> outcomes);
    }

    Appender(
            Link link,
            Keys keys,
            Policies policies,
            StoreLimits limits,
            Generations generations,
            Moments moments,
            Figures figures,
            CallDelay callDelay,
            Answered answered) {
        this.link = link;
        this.keys = keys;
        this.policies = policies;
        this.generations = generations;
        this.producersMax = Keys.bytes(limits.producersMax());
        this.callBytesMax = Keys.bytes(Call.BLOCK_BYTES_MAX);
        this.moments = moments;
        this.figures = figures;
        this.callDelay = callDelay;
        this.answered = answered;
    }

    /** Appends that are applied or refused together. */
    private static final class Group {
        final List<Waiting> appends = new ArrayList<>();
        private Block.@Nullable Builder builder;
        private @Nullable Block block;

        boolean takes(Waiting next) {
            return appends.isEmpty()
                    || builder == null
                    || builder.payloadBytes() + (long) next.bytes() <= Block.TARGET_BYTES;
        }

        void add(Waiting next) {
            appends.add(next);
            Append append = next.append();
            if (append.payloads().count() == 0) return;
            if (builder == null) builder = new Block.Builder(0, 1, 0); // the script knows where it goes, and when
            builder.append(append.payloads(), 0, append.subject());
        }

        @Nullable
        Block block() {
            if (block == null && builder != null) block = builder.build();
            return block;
        }
    }

    @Override
    public void append(ChannelName channel, List<Waiting> appends, Runnable done) {
        List<Group> groups = new ArrayList<>();
        for (Waiting append : appends) {
            if (groups.isEmpty() || !groups.getLast().takes(append)) groups.add(new Group());
            groups.getLast().add(append);
        }
        send(channel, groups, 0, done);
    }

    // From the group at `from` on.
    private void send(ChannelName channel, List<Group> groups, int from, Runnable done) {
        int to = Math.min(groups.size(), from + APART_MAX);
        byte[][] keysOf = {keys.channel(channel), keys.log(channel), keys.producers(channel)};
        byte[][] arguments;
        try {
            arguments = arguments(channel, groups.subList(from, to));
        } catch (RuntimeException e) {
            fail(groups, from, e); // what nobody can make a block of
            done.run();
            return;
        }
        long begun = figures.nanos();
        String heardAs = Keys.text(keysOf[0]);
        callDelay.asked(heardAs);
        link.runThere(Script.APPEND, keysOf, arguments).whenComplete((ran, thrown) -> {
            figures.since(begun, figures.commits);
            if (thrown != null) callDelay.refused(heardAs);
            int next = thrown == null ? take(channel, groups, from, to, ran, heardAs) : fail(groups, from, thrown);
            if (next == groups.size()) done.run();
            else send(channel, groups, next, done);
        });
    }

    // ---- the question ----

    private byte[][] arguments(ChannelName channel, List<Group> groups) {
        ChannelPolicy policy = policies.of(channel);
        Retention retention = policy.retention();
        List<byte[]> out = new ArrayList<>();
        out.add(moments.argument());
        out.add(Keys.bytes(generations.newest()));
        out.add(producersMax);
        out.add(limit(retention.messagesMax()));
        out.add(limit(retention.bytesMax()));
        out.add(limit(retention.ageMaxMillis()));
        out.add(callBytesMax);
        out.add(Keys.bytes(groups.size()));
        for (Group group : groups) addGroup(out, group);
        return out.toArray(new byte[0][]);
    }

    private static final byte[] NOTHING = new byte[0];
    private static final byte[] YES = {'1'};

    private static byte[] limit(long limit) {
        return limit == Retention.UNLIMITED ? NOTHING : Keys.bytes(limit);
    }

    private static void addGroup(List<byte[]> out, Group group) {
        Block block = group.block();
        out.add(block == null ? NOTHING : block.bytes());
        out.add(Keys.bytes(block == null ? 0 : block.count()));
        out.add(Keys.bytes(block == null ? 0 : block.appends()));
        int counted = out.size();
        out.add(NOTHING);
        int entries = 0;
        for (int i = 0; i < group.appends.size(); entries++) {
            int alike = alike(group.appends, i);
            long messages = 0;
            for (int k = i; k < i + alike; k++) {
                messages += group.appends.get(k).append().payloads().count();
            }
            addEntry(out, group.appends.get(i).append(), messages);
            i += alike;
        }
        out.set(counted, Keys.bytes(entries));
    }

    // How many from this one on can be decided as one: what holds for the first of them holds for all.
    private static int alike(List<Waiting> appends, int first) {
        Append one = appends.get(first).append();
        if (!isPlain(one)) return 1;
        int next = first + 1;
        while (next < appends.size()
                && isPlain(appends.get(next).append())
                && isOfType(appends.get(next).append(), one)) {
            next++;
        }
        return next - first;
    }

    private static boolean isPlain(Append append) {
        return append.producer() == null
                && append.streamSequence() == null
                && !append.close()
                && append.payloads().count() > 0;
    }

    private static boolean isOfType(Append append, Append other) {
        ContentType type = append.type();
        return type != null && other.type() != null && type.matches(other.type());
    }

    private static void addEntry(List<byte[]> out, Append append, long messages) {
        Producer producer = append.producer();
        ContentType type = append.type();
        out.add(Keys.bytes(messages));
        out.add(type == null ? NOTHING : Keys.bytes(type.essence()));
        out.add(append.close() ? YES : NOTHING);
        out.add(producer == null ? NOTHING : Keys.bytes(producer.id()));
        out.add(producer == null ? NOTHING : Keys.bytes(producer.epoch()));
        out.add(producer == null ? NOTHING : Keys.bytes(producer.sequence()));
        out.add(append.streamSequence() == null ? NOTHING : Keys.bytes(append.streamSequence()));
    }

    // ---- the answer ----

    /** What became of appends, to be told. */
    private record Told(List<Waiting> appends, List<AppendOutcome> outcomes) {}

    // Tells what became of groups, and returns the index of the first that has to be sent still.
    private int take(ChannelName channel, List<Group> groups, int from, int to, Link.Ran ran, String heardAs) {
        List<Told> told = new ArrayList<>();
        int next = take(groups, from, to, ran.reply(), heardAs, told);
        if (policies.of(channel).durability() == Durability.MEMORY) tell(told);
        else tellOnceReplicated(ran, told);
        return next;
    }

    // The next script of the channel need not wait for that.
    private void tellOnceReplicated(Link.Ran ran, List<Told> told) {
        if (told.isEmpty()) return;
        CompletableFuture<Void> _ = link.replicated(ran).handle((done, thrown) -> {
            if (thrown != null) told.replaceAll(Appender::uncertain);
            tell(told);
            return null;
        });
    }

    private void tell(List<Told> told) {
        for (Told each : told) answered.answered(each.appends(), each.outcomes());
    }

    // They are stored where one server may lose them; a duplicate is told that what it repeats is safe.
    private static Told uncertain(Told told) {
        List<AppendOutcome> outcomes = new ArrayList<>(told.outcomes());
        outcomes.replaceAll(
                outcome -> outcome instanceof AppendOutcome.Appended || outcome instanceof AppendOutcome.Duplicate
                        ? new AppendOutcome.Failed(Failure.UNAVAILABLE)
                        : outcome);
        return new Told(told.appends(), outcomes);
    }

    private int take(List<Group> groups, int from, int to, List<Object> reply, String heardAs, List<Told> told) {
        int next = from;
        try {
            String here = text(reply.getFirst());
            if (!here.equals("here")) {
                callDelay.refused(heardAs);
                AppendOutcome outcome = here.equals("gone") ? new AppendOutcome.Gone() : new AppendOutcome.NotFound();
                while (next < groups.size()) tell(groups.get(next++), append -> outcome);
                return next;
            }
            long moment = (long) reply.get(1);
            while (next < to) {
                Group group = groups.get(next);
                Verdict verdict = Verdict.of((List<?>) reply.get(2 + next - from));
                if (verdict.name().equals("apart")) {
                    apart(groups, next);
                    return next;
                }
                generations.seen(verdict.tail().offset().generation());
                boolean called = verdict.name().equals("appended");
                if (!called) callDelay.refused(heardAs);
                List<AppendOutcome> outcomes =
                        called ? appended(group, verdict, moment) : each(group, append -> refused(verdict, append));
                next++;
                told.add(new Told(group.appends, outcomes));
            }
            return to;
        } catch (RuntimeException e) {
            return fail(groups, next, e); // the script and this class do not understand each other
        }
    }

    private static String text(@Nullable Object bytes) {
        if (bytes == null) throw new IllegalArgumentException("a script says nothing");
        return Keys.text((byte[]) bytes);
    }

    /**
     * What the script says of a group.
     *
     * @param id of the channel
     */
    private record Verdict(String name, long id, Tail tail, List<?> details) {
        static Verdict of(List<?> answer) {
            Offset offset = new Offset((long) answer.get(2), (long) answer.get(3));
            Tail tail = new Tail(offset, (long) answer.get(4), (long) answer.get(5), (long) answer.get(6) == 1);
            return new Verdict(text(answer.get(0)), (long) answer.get(1), tail, answer.subList(7, answer.size()));
        }

        long number(int detail) {
            return (long) details.get(detail);
        }
    }

    private static void apart(List<Group> groups, int index) {
        List<Group> ones = new ArrayList<>();
        for (Waiting append : groups.get(index).appends) {
            Group one = new Group();
            one.add(append);
            ones.add(one);
        }
        groups.remove(index);
        groups.addAll(index, ones);
    }

    private static List<AppendOutcome> appended(Group group, Verdict verdict, long moment) {
        Block built = group.block();
        Tail tail = verdict.tail();
        long before = tail.sequence() - (built == null ? 0 : built.count());
        Block block = built == null
                ? null
                : built.placed(tail.offset().generation(), before + 1, tail.bytes() - built.payloadBytes(), moment);
        long[] at = {before};
        return each(group, append -> {
            int count = append.payloads().count();
            at[0] += count;
            Offset offset = new Offset(tail.offset().generation(), at[0]);
            return new AppendOutcome.Appended(verdict.id(), count == 0 ? null : block, offset, tail);
        });
    }

    private AppendOutcome refused(Verdict verdict, Append append) {
        Tail tail = verdict.tail();
        return switch (verdict.name()) {
            case "duplicate" -> new AppendOutcome.Duplicate(tail, verdict.number(0), verdict.number(1));
            case "stale" -> new AppendOutcome.StaleEpoch(verdict.number(0));
            case "epoch" -> new AppendOutcome.EpochNotAtZero();
            case "closed" -> new AppendOutcome.Closed(tail);
            case "gap" -> {
                Producer producer = append.producer();
                if (producer == null) throw new IllegalStateException("a gap without a producer");
                yield new AppendOutcome.SequenceGap(verdict.number(0), producer.sequence());
            }
            case "producers" -> new AppendOutcome.TooManyProducers(Integer.parseInt(Keys.text(producersMax)));
            case "type" ->
                new AppendOutcome.WrongType(
                        ContentType.of(text(verdict.details().getFirst())));
            case "stream" -> new AppendOutcome.StreamSequenceRegression();
            default -> throw new IllegalArgumentException("unknown verdict " + verdict.name());
        };
    }

    private int fail(List<Group> groups, int from, Throwable thrown) {
        Failure failure = Failures.of(thrown).failure();
        for (Group group : groups.subList(from, groups.size()))
            tell(group, append -> new AppendOutcome.Failed(failure));
        return groups.size();
    }

    private void tell(Group group, Function<Append, AppendOutcome> outcomes) {
        answered.answered(group.appends, each(group, outcomes));
    }

    private static List<AppendOutcome> each(Group group, Function<Append, AppendOutcome> outcomes) {
        List<AppendOutcome> told = new ArrayList<>(group.appends.size());
        for (Waiting waiting : group.appends) told.add(outcomes.apply(waiting.append()));
        return told;
    }
}
