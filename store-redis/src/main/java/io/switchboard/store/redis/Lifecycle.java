package io.switchboard.store.redis;

import io.switchboard.core.channel.ChannelName;
import io.switchboard.core.channel.Durability;
import io.switchboard.core.channel.Policies;
import io.switchboard.core.store.Create;
import io.switchboard.core.store.CreateOutcome;
import io.switchboard.core.store.DeleteOutcome;
import io.switchboard.core.store.Failure;
import io.switchboard.core.store.PersistenceException;
import io.switchboard.core.store.Rules;
import io.switchboard.store.redis.Channels.Seen;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Makes channels, forks and deletes them. What a creation comes to, {@link Rules} decide over what was looked up; it is
 * written if the name is still free, and otherwise decided anew.
 *
 * <p>A fork and its source may lie on two servers, so they are written one after the other: first the source counts the
 * fork, and keeps its messages from then on, then the fork is made. Should a node die in between, the source is kept
 * for a fork that does not exist; nothing worse.
 *
 * <p>Blocks; any thread.
 */
final class Lifecycle {
    private static final int TRIES = 8;

    private final Link link;
    private final Keys keys;
    private final Channels channels;
    private final Index index;
    private final Policies policies;
    private final Rules rules;
    private final Generations generations;
    private final Moments moments;

    Lifecycle(
            Link link,
            Keys keys,
            Channels channels,
            Index index,
            Policies policies,
            Rules rules,
            Generations generations,
            Moments moments) {
        this.link = link;
        this.keys = keys;
        this.channels = channels;
        this.index = index;
        this.policies = policies;
        this.rules = rules;
        this.generations = generations;
        this.moments = moments;
    }

    /** @throws PersistenceException if it cannot be told */
    CreateOutcome create(Create create) {
        for (int tried = 0; tried < TRIES; tried++) {
            CreateOutcome outcome = tryToCreate(create);
            if (outcome != null) return outcome;
        }
        return new CreateOutcome.Failed(Failure.BUSY);
    }

    // Null if something has changed meanwhile.
    private @Nullable CreateOutcome tryToCreate(Create create) {
        Seen there = Link.await(channels.look(create.name()));
        Create.Fork fork = create.fork();
        Known source = there.known() != null || fork == null
                ? null
                : Link.await(channels.look(fork.source())).known();
        Rules.Decision decision = decide(create, there, source);
        if (decision.outcome() instanceof CreateOutcome.Existed existed) return existed(create.name(), existed);
        if (decision.made() == null) return decision.outcome();
        if (source == null) return make(create, decision, Map.of()) ? decision.outcome() : null;

        Known held = hold(source);
        if (held == null) return null;
        boolean made = false;
        try {
            decision = decide(create, there, held); // it may have been appended to, and trimmed
            if (decision.made() == null) return decision.outcome();
            made = make(create, decision, ancestorsThrough(held));
            return made ? decision.outcome() : null;
        } catch (PersistenceException e) {
            made = e.failure() == Failure.UNAVAILABLE; // perhaps it was
            throw e;
        } finally {
            if (!made) release(held.state().name(), held.state().id());
        }
    }

    private Rules.Decision decide(Create create, Seen there, @Nullable Known source) {
        if (source != null) generations.seen(source.state().info().lineage());
        long generation = there.known() == null ? generations.next(there.micros()) : generations.newest() + 1;
        return rules.create(create, channels.of(there.known(), source), generation, moments.millis(there.micros()));
    }

    private static Map<Long, ChannelName> ancestorsThrough(Known source) {
        Map<Long, ChannelName> ancestors = new HashMap<>(source.ancestors());
        ancestors.put(source.state().id(), source.state().name());
        return ancestors;
    }

    private boolean make(Create create, Rules.Decision decision, Map<Long, ChannelName> ancestors) {
        if (decision.made() == null) throw new IllegalStateException("nothing to make");
        Known made = new Known(decision.made(), ancestors);
        long deadline = decision.made().deadlineMillis();
        Link.await(index.add(create.name(), deadline));
        List<byte[]> arguments = new ArrayList<>();
        boolean empty = decision.block() == null;
        arguments.add(decision.block() == null ? new byte[0] : decision.block().bytes());
        arguments.add(Keys.bytes(empty ? 0 : decision.made().sequence()));
        arguments.addAll(ChannelFormat.fields(made, decision.block()));
        byte[][] keysOf = {keys.channel(create.name()), keys.log(create.name()), keys.producers(create.name())};
        Link.Ran ran = Link.await(link.runThere(Script.MAKE, keysOf, arguments.toArray(new byte[0][])));
        if (!isYes(ran.reply())) return false;
        try {
            Link.await(index.add(create.name(), deadline));
        } catch (PersistenceException e) {
            // The channel is there, so it must not be told otherwise. Its name is missing only if somebody took it for
            // one of a channel that is gone just now.
        }
        awaitReplicas(create.name(), ran);
        return true;
    }

    private void awaitReplicas(ChannelName name, Link.Ran ran) {
        if (policies.of(name).durability() != Durability.MEMORY) Link.await(link.replicated(ran));
    }

    // Who repeats a creation of which it was not known whether replicas have it is told no more than the first time.
    private @Nullable CreateOutcome existed(ChannelName name, CreateOutcome.Existed outcome) {
        if (!link.waitsForReplicas()) return outcome;
        Link.Ran ran = Link.await(link.runThere(Script.LOOK, new byte[][] {keys.channel(name)}));
        Known there = Channels.seen(name, ran.reply()).known();
        if (there == null || there.state().id() != outcome.found().info().id()) return null;
        awaitReplicas(name, ran);
        return outcome;
    }

    private static boolean isYes(List<Object> reply) {
        return (long) reply.getFirst() == 1;
    }

    // As it is from now on, with what it keeps; null if it is not there any more.
    private @Nullable Known hold(Known source) {
        ChannelName name = source.state().name();
        byte[][] keysOf = {keys.channel(name)};
        List<Object> reply = Link.await(
                link.run(Script.HOLD, keysOf, Keys.bytes(source.state().id())));
        return reply.isEmpty() ? null : Channels.seen(name, reply).known();
    }

    // At most as many steps as forks go deep.
    private void release(ChannelName source, long id) {
        @Nullable ChannelName name = source;
        long of = id;
        while (name != null) {
            byte[][] keysOf = {keys.channel(name), keys.log(name), keys.producers(name)};
            List<Object> reply = Link.await(link.run(Script.RELEASE, keysOf, Keys.bytes(of)));
            boolean isFork = !reply.isEmpty() && ((byte[]) reply.getFirst()).length > 0;
            name = isFork ? new ChannelName(Keys.text((byte[]) reply.getFirst())) : null;
            of = isFork ? ChannelFormat.number(reply.get(1)) : 0;
        }
    }

    /** @throws PersistenceException if it cannot be told */
    DeleteOutcome delete(ChannelName name, long id) {
        byte[][] keysOf = {keys.channel(name), keys.log(name), keys.producers(name)};
        Link.Ran ran = Link.await(link.runThere(Script.DELETE, keysOf, Keys.bytes(id)));
        List<Object> reply = ran.reply();
        String verdict = Keys.text((byte[]) reply.getFirst());
        if (verdict.equals("absent")) return new DeleteOutcome.NotFound();
        if (verdict.equals("gone")) return new DeleteOutcome.Gone();
        if (verdict.equals("deleted") && ((byte[]) reply.get(1)).length > 0) {
            release(new ChannelName(Keys.text((byte[]) reply.get(1))), ChannelFormat.number(reply.get(2)));
        }
        index.remove(name);
        awaitReplicas(name, ran);
        return new DeleteOutcome.Deleted();
    }

    /** Remembers when a channel expires, if it is that one. */
    void touch(ChannelName name, long id, long deadlineMillis) {
        byte[] deadline = deadlineMillis == Long.MAX_VALUE ? new byte[0] : Keys.bytes(deadlineMillis);
        List<Object> reply =
                Link.await(link.run(Script.TOUCH, new byte[][] {keys.channel(name)}, Keys.bytes(id), deadline));
        if (isYes(reply)) Link.await(index.deadline(name, deadlineMillis));
    }

    /** Lets go of messages that are too old, of a channel that nobody appends to. */
    void trim(ChannelName name) {
        Seen seen = Link.await(channels.look(name));
        Known known = seen.known();
        if (known == null || known.state().deleted()) return;
        long start = rules.trimmed(known.state(), channels.of(known), moments.millis(seen.micros()))
                .tail()
                .start();
        if (start == known.state().tail().start()) return;
        byte[][] keysOf = {keys.channel(name), keys.log(name)};
        Link.await(link.run(Script.TRIM, keysOf, Keys.bytes(known.state().id()), Keys.bytes(start)));
    }
}
