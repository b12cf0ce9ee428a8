package io.switchboard.core.store;

import io.switchboard.core.channel.Append;
import io.switchboard.core.channel.ChannelInfo;
import io.switchboard.core.channel.ChannelName;
import io.switchboard.core.channel.ContentType;
import io.switchboard.core.channel.Durability;
import io.switchboard.core.channel.Expiry;
import io.switchboard.core.channel.Lineage;
import io.switchboard.core.channel.Offset;
import io.switchboard.core.channel.Producer;
import io.switchboard.core.channel.Retention;
import io.switchboard.core.channel.Run;
import io.switchboard.core.channel.Tail;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One commit in the making: decides requests in their order against the accepted state and the
 * requests before them, and gathers what they change. These are the rules of all local stores, and through
 * {@link Rules} those of creation in the others; they follow Durable Streams, sections 4.2, 5.1, 5.2, 5.2.1, 5.3 and 5.4.
 *
 * <pre>
 *   append, create, delete …  ─►  finish() ─► Changes ─► written ─►  accepted(), outcomes
 *                                                   └──► failed  ─►  nothing of it happened
 * </pre>
 *
 * A decision is a supplier, because an outcome tells of the whole commit: it is asked for once the
 * commit is written. One thread.
 */
final class Commit {
    private final Ledger ledger;
    private final Lookup kept;
    private final SegmentedLog log;
    private final StoreLimits limits;
    private final long nowMillis;
    private final Map<ChannelName, Draft> drafts = new LinkedHashMap<>();

    Commit(Ledger ledger, Lookup kept, SegmentedLog log, StoreLimits limits, long nowMillis) {
        this.ledger = ledger;
        this.kept = kept;
        this.log = log;
        this.limits = limits;
        this.nowMillis = nowMillis;
    }

    // The draft of a channel, or of a name without one.
    private Draft draft(ChannelName name) {
        Draft draft = drafts.get(name);
        if (draft == null) {
            Ledger.Accepted entry = ledger.entry(name);
            draft = new Draft(name, entry == null ? ledger.policy(name) : entry.policy, entry);
            drafts.put(name, draft);
        }
        return draft;
    }

    // ---- append ----

    /** Whether the append still goes into this commit; if not, it opens the next. */
    boolean takes(Append append) {
        Draft draft = drafts.get(append.channel());
        return draft == null || draft.hasRoomFor(append.payloads().bytes().length);
    }

    Supplier<AppendOutcome> append(Append append) {
        Draft draft = draft(append.channel());
        if (!draft.isHere()) {
            boolean gone = draft.retired && !draft.removed;
            AppendOutcome outcome = gone ? new AppendOutcome.Gone() : new AppendOutcome.NotFound();
            return () -> outcome;
        }
        Producer producer = append.producer();
        ProducerState known = producer == null ? null : producerState(draft, producer.id());
        if (producer != null && known != null) {
            if (producer.epoch() < known.epoch()) {
                AppendOutcome outcome = new AppendOutcome.StaleEpoch(known.epoch());
                return () -> outcome;
            }
            if (producer.epoch() == known.epoch() && producer.sequence() <= known.sequence()) {
                return () -> new AppendOutcome.Duplicate(draft.finish().tail(), known.epoch(), known.sequence());
            }
            if (producer.epoch() > known.epoch() && producer.sequence() != 0) return AppendOutcome.EpochNotAtZero::new;
        }
        if (draft.isClosed()) {
            if (producer == null && append.payloads().count() == 0) return () -> appended(draft, draft.offset(), false);
            return () -> new AppendOutcome.Closed(draft.finish().tail());
        }
        if (producer != null) {
            long expected = known != null && producer.epoch() == known.epoch() ? known.sequence() + 1 : 0;
            if (producer.sequence() != expected) {
                AppendOutcome outcome = new AppendOutcome.SequenceGap(expected, producer.sequence());
                return () -> outcome;
            }
            if (known == null && draft.producers() >= limits.producersMax()) {
                return () -> new AppendOutcome.TooManyProducers(limits.producersMax());
            }
        }
        ContentType type = draft.base().info().type();
        boolean messages = append.payloads().count() > 0;
        if (messages && append.type() != null && !type.matches(append.type())) {
            return () -> new AppendOutcome.WrongType(type);
        }
        String streamSequence = append.streamSequence();
        if (streamSequence != null && !isGreater(streamSequence, draft.streamSequence())) {
            return AppendOutcome.StreamSequenceRegression::new;
        }

        if (messages) {
            draft.append(
                    ledger.generationAfter(draft.newestGeneration()), append.payloads(), nowMillis, append.subject());
        }
        if (append.close()) draft.close();
        if (streamSequence != null) draft.streamSequence(streamSequence);
        if (producer != null) {
            draft.producer(producer.id(), new ProducerState(producer.epoch(), producer.sequence()), known == null);
        }
        Offset offset = draft.offset();
        return () -> appended(draft, offset, messages);
    }

    private static AppendOutcome appended(Draft draft, Offset offset, boolean messages) {
        Tail tail = draft.finish().tail();
        return new AppendOutcome.Appended(draft.base().id(), messages ? draft.block() : null, offset, tail);
    }

    private @Nullable ProducerState producerState(Draft draft, String id) {
        ProducerState changed = draft.changedProducer(id);
        if (changed != null || draft.producers() == 0) return changed;
        return kept.producer(draft.base().id(), id);
    }

    private static boolean isGreater(String value, @Nullable String last) {
        return last == null
                || Arrays.compareUnsigned(value.getBytes(StandardCharsets.UTF_8), last.getBytes(StandardCharsets.UTF_8))
                        > 0;
    }

    // ---- create ----

    /** Whether the creation still goes into this commit: it wants settled state of the channels it is about. */
    boolean takes(Create create) {
        Draft draft = drafts.get(create.name());
        if (draft != null && draft.isTouched()) return false;
        Draft source = create.fork() == null ? null : drafts.get(create.fork().source());
        return source == null || !source.isTouched();
    }

    Supplier<CreateOutcome> create(Create create) {
        Draft draft = draft(create.name());
        if (draft.base != null) {
            CreateOutcome.Reason reason = conflict(create, draft.base());
            if (reason == null)
                return () -> new CreateOutcome.Existed(draft.finish().found());
            return () -> new CreateOutcome.Conflict(reason);
        }
        Create.Fork fork = create.fork();
        if (fork != null) return fork(create, fork, draft);
        ContentType type = create.type() == null ? ContentType.BINARY : create.type();
        Expiry expiry = create.expiry() == null ? Expiry.Never.SHARED : create.expiry();
        long generation = ledger.nextGeneration();
        Lineage lineage = Lineage.createdIn(generation);
        begin(draft, create, type, expiry, lineage, generation, Origin.own(create.expiry()), 0, 0, 0);
        return complete(draft, create, generation);
    }

    private static CreateOutcome.@Nullable Reason conflict(Create create, ChannelState there) {
        if (there.deleted()) return CreateOutcome.Reason.DELETED_BUT_FORKED;
        Create.Fork fork = create.fork();
        ContentType type = create.type() == null && fork == null ? ContentType.BINARY : create.type();
        if (type != null && !type.matches(there.info().type())) return CreateOutcome.Reason.OTHER_TYPE;
        if (!isSameExpiry(create.expiry(), there)) return CreateOutcome.Reason.OTHER_EXPIRY;
        if (create.closed() != there.tail().closed()) return CreateOutcome.Reason.OTHER_CLOSURE;
        if (fork == null
                ? there.origin().fork() != null
                : !fork.equals(there.origin().fork())) {
            return CreateOutcome.Reason.OTHER_FORK;
        }
        return null;
    }

    private static boolean isSameExpiry(@Nullable Expiry asked, ChannelState there) {
        if (asked == null) {
            return there.origin().expiryAsked() == null || there.origin().expiryAsked() instanceof Expiry.Never;
        }
        // the same moment may be written in several ways
        if (asked instanceof Expiry.At(long millis, String _)
                && there.info().expiry() instanceof Expiry.At(long thereMillis, String _)) {
            return millis == thereMillis;
        }
        return asked.equals(there.info().expiry());
    }

    private void begin(
            Draft draft,
            Create create,
            ContentType type,
            Expiry expiry,
            Lineage lineage,
            long id,
            Origin origin,
            long sequence,
            long start,
            long bytes) {
        ChannelInfo info = new ChannelInfo(create.name(), id, type, expiry, lineage, nowMillis);
        Tail tail = new Tail(lineage.offsetAt(sequence), start, bytes, false);
        draft.create(new ChannelState(
                info, origin, tail, null, 0, 0, Long.MAX_VALUE, false, expiry.deadlineAfter(nowMillis)));
    }

    private Supplier<CreateOutcome> complete(Draft draft, Create create, long generation) {
        if (create.initial().count() > 0) draft.append(generation, create.initial(), nowMillis, create.subject());
        if (create.closed()) draft.close();
        return () -> new CreateOutcome.Created(draft.finish().found());
    }

    // ---- fork ----

    private Supplier<CreateOutcome> fork(Create create, Create.Fork fork, Draft draft) {
        Draft sourceDraft = draft(fork.source());
        if (sourceDraft.retired) {
            return () -> new CreateOutcome.SourceConflict(CreateOutcome.Reason.DELETED_BUT_FORKED);
        }
        if (!sourceDraft.isHere()) return CreateOutcome.SourceNotFound::new;
        ChannelState source = sourceDraft.base();
        ContentType type = source.info().type();
        if (create.type() != null && !type.matches(create.type())) {
            return () -> new CreateOutcome.SourceConflict(CreateOutcome.Reason.OTHER_TYPE);
        }
        if (source.origin().depth() >= limits.forkDepthMax()) {
            return () -> new CreateOutcome.SourceConflict(CreateOutcome.Reason.FORKED_TOO_DEEP);
        }
        trimAged(sourceDraft);
        Branch branch = Branch.of(source, sourceDraft.start(), fork, log);
        if (branch == null) return CreateOutcome.BadForkPosition::new;

        long generation = ledger.nextGeneration();
        long sequence = branch.sequence();
        Lineage lineage = source.info().lineage().upTo(sequence).continuedBy(generation, sequence);
        Expiry expiry = create.expiry() == null ? source.info().expiry() : create.expiry();
        Origin origin = new Origin(
                create.expiry(),
                fork,
                source.id(),
                branch.segments(source),
                source.origin().depth() + 1);
        begin(draft, create, type, expiry, lineage, generation, origin, sequence, sourceDraft.start(), branch.bytes());
        sourceDraft.addFork();
        Branch.Part part = branch.part();
        if (part != null) draft.append(generation, part.message(), part.timeMillis(), part.subject());
        return complete(draft, create, generation);
    }

    // ---- delete, touch, trim ----

    /** Whether the deletion still goes into this commit: it wants settled state of the channel and those it was forked from. */
    boolean takesDelete(ChannelName name) {
        Draft draft = drafts.get(name);
        return draft == null || !draft.isTouched();
    }

    Supplier<DeleteOutcome> delete(ChannelName name, long id) {
        Draft draft = draft(name);
        if (draft.base == null || draft.base().id() != id) return DeleteOutcome.NotFound::new;
        if (draft.retired) return DeleteOutcome.Gone::new;
        if (draft.forks() > 0) draft.retire();
        else removeWithParents(draft);
        return DeleteOutcome.Deleted::new;
    }

    // At most `forkDepthMax` steps: that is how deep forks go. Looks everything up before it changes anything.
    private void removeWithParents(Draft draft) {
        List<Draft> parents = new ArrayList<>();
        long parentId = draft.base().origin().parentId();
        while (parentId != 0) {
            ChannelState stored = kept.channel(parentId);
            if (stored == null) throw new PersistenceException(Failure.DAMAGED, "no channel " + parentId);
            Draft parent = draft(stored.name());
            parents.add(parent);
            parentId = parent.retired && parent.forks() == 1
                    ? parent.base().origin().parentId()
                    : 0;
        }
        draft.removed = true;
        for (Draft parent : parents) {
            parent.removeFork();
            if (parent.retired && parent.forks() == 0) parent.removed = true;
        }
    }

    void touch(ChannelName name, long id, long deadlineMillis) {
        Draft draft = draft(name);
        if (draft.isHere() && draft.base().id() == id) draft.deadline(deadlineMillis);
    }

    /** Applies retention by age to a channel that nobody appends to. */
    void trim(ChannelName name) {
        Draft draft = draft(name);
        if (draft.isHere()) trimAged(draft);
    }

    private void trimAged(Draft draft) {
        if (draft.policy.retention().ageMaxMillis() != Retention.UNLIMITED) trimByBlock(draft);
    }

    private void trimByBlock(Draft draft) {
        Ledger.Accepted entry = draft.entry;
        ChannelState base = draft.base();
        Retention retention = draft.policy.retention();
        if (entry == null || draft.start() >= base.sequence()) return;
        if (entry.firstBlockEnd > draft.start()
                && draft.bytes() - entry.firstBlockBytes < retention.bytesMax()
                && (retention.ageMaxMillis() == Retention.UNLIMITED
                        || nowMillis - entry.firstBlockMillis <= retention.ageMaxMillis())) return;
        Run.Slice first;
        try {
            draft.startAt(log.start(base, retention, draft.start(), draft.sequence(), draft.bytes(), nowMillis));
            first = draft.start() < base.sequence() ? log.at(base, draft.start() + 1) : null;
        } catch (PersistenceException unreadable) {
            return; // readers are told of it; the appends of this channel and others need not fail for it
        }
        if (first == null) {
            entry.firstBlockEnd = 0;
            return;
        }
        entry.firstBlockEnd = first.lastSequence();
        entry.firstBlockBytes = first.block().bytesBefore()
                + first.block().end(first.to() - 1)
                - first.block().start(0);
        entry.firstBlockMillis = first.block().timeMillis(first.to() - 1);
    }

    private void trimAppended(Draft draft) {
        Retention retention = draft.policy.retention();
        if (retention.messagesMax() < draft.sequence()) draft.startAt(draft.sequence() - retention.messagesMax());
        if (retention.bytesMax() != Retention.UNLIMITED || retention.ageMaxMillis() != Retention.UNLIMITED) {
            trimByBlock(draft);
        }
    }

    // ---- the end ----

    /** No more requests: what they change. */
    Changes finish() {
        List<Change> unlogged = new ArrayList<>();
        List<Change> logged = new ArrayList<>();
        boolean flushFirst = false;
        for (Draft draft : drafts.values()) {
            if (!draft.isTouched()) continue;
            if (draft.hasMessages()) trimAppended(draft);
            // A channel that promises nothing begins and ends in the log, so that nothing of it is left over.
            boolean skipsLog = draft.policy.durability() == Durability.MEMORY && !draft.created;
            boolean mustBeLogged = draft.removed
                    || draft.retired
                    || draft.forks() != draft.base().forks();
            if (skipsLog && mustBeLogged) flushFirst = true;
            gather(draft, skipsLog && !mustBeLogged ? unlogged : logged);
        }
        return new Changes(unlogged, flushFirst, logged);
    }

    private static void gather(Draft draft, List<Change> changes) {
        ChannelState state = draft.finish();
        ChannelState base = draft.base();
        long deadlineBefore = draft.created ? Long.MAX_VALUE : base.deadlineMillis();
        long deadline = draft.removed ? Long.MAX_VALUE : state.deadlineMillis();
        if (deadline != deadlineBefore) changes.add(new Change.MoveDeadline(state, deadlineBefore, deadline));
        if (draft.removed) {
            if (!draft.created) changes.add(new Change.Remove(state));
            return;
        }
        if (draft.created || draft.lineageChanged()) changes.add(new Change.PutChannel(state));
        if (draft.block() != null) changes.add(new Change.PutBlock(state, draft.block()));
        changes.add(new Change.PutTail(state, draft.changedByMessagesOnly()));
        if (draft.retired && !base.deleted()) changes.add(new Change.Retire(state));
        for (Map.Entry<String, ProducerState> producer :
                draft.changedProducers().entrySet()) {
            changes.add(new Change.PutProducer(state.id(), producer.getKey(), producer.getValue()));
        }
        if (state.keptAfter() > base.keptAfter()) changes.add(new Change.Trim(state, base.keptAfter()));
    }

    /** What was finished is written: from now on it is what requests are decided against. */
    void accepted() {
        for (Draft draft : drafts.values()) {
            if (!draft.isTouched()) continue;
            if (draft.removed) {
                ledger.accept(draft.name, null);
                continue;
            }
            Ledger.Accepted entry =
                    draft.entry == null ? new Ledger.Accepted(draft.policy, draft.finish()) : draft.entry;
            entry.state = draft.finish();
            ledger.accept(draft.name, entry);
        }
    }

    /** The channels this commit changes, each with what it was before and what it is now. */
    List<Touched> touched() {
        List<Touched> touched = new ArrayList<>();
        for (Draft draft : drafts.values()) {
            if (!draft.isTouched()) continue;
            boolean synced = draft.policy.durability() == Durability.FSYNC || forkOfSynced(draft);
            touched.add(new Touched(
                    draft.name,
                    draft.base().id(),
                    synced,
                    draft.created ? null : draft.base(),
                    draft.removed ? null : draft.finish()));
        }
        return touched;
    }

    // A fork shows messages of its source, so it is as late as they are.
    private boolean forkOfSynced(Draft draft) {
        Create.Fork fork = draft.created ? draft.base().origin().fork() : null;
        return fork != null && ledger.policy(fork.source()).durability() == Durability.FSYNC;
    }

    /**
     * A channel that a commit changes.
     *
     * @param synced whether the change counts only once it survives a power cut
     * @param before what it was; null if it is new
     * @param after what it is now; null if it is removed
     */
    record Touched(
            ChannelName name,
            long id,
            boolean synced,
            @Nullable ChannelState before,
            @Nullable ChannelState after) {
        Touched unchanged() {
            return new Touched(name, id, synced, before, before);
        }
    }
}
