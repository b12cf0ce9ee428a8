package io.switchboard.http.access;

import io.switchboard.core.access.Access;
import io.switchboard.core.nodes.Nodes;
import io.switchboard.core.nodes.Shelf;
import io.switchboard.core.nodes.Topic;
import io.switchboard.core.time.Loop;
import io.switchboard.http.Sessions;
import io.switchboard.http.Sessions.Session;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Asks all living nodes who is connected there. The question goes to all of them at once; each lays its answer on the
 * shelf, sealed, and says so. Whoever has not answered within a second is named in what comes of it.
 *
 * <p>Sessions are in the order of their nodes' ids, and of their numbers within one. Any loop.
 */
public final class SessionsOfAll implements Nodes.Listener {
    /** How long answers are waited for. */
    static final long WAIT_MILLIS = 1_000;
    /** Questions of this node that wait for answers. */
    static final int ASKED_MAX = 8;
    /** Questions of others that are being answered; beyond it they are not. */
    static final int ANSWERED_MAX = 16;

    private static final long ANSWER_LIFE_MILLIS = 5_000;
    private static final byte QUESTION = '?';
    private static final byte ANSWER = '!';
    private static final Comparator<Entry> ORDER =
            Comparator.comparing(Entry::node).thenComparingLong(Entry::number);

    /** How a session is written down. */
    interface Form {
        String of(String node, Session session);
    }

    /** One session: whose, which, and as JSON. */
    record Entry(String node, long number, String json) {}

    /**
     * What is asked.
     *
     * @param afterNode those of this node with numbers up to {@code afterNumber} are left out, and all of nodes with
     *     lesser ids; empty for none
     * @param limit 1 to {@link SessionHandler#LIMIT_MAX}, and one more to know that there are more
     */
    record Question(
            String afterNode,
            long afterNumber,
            int limit,
            @Nullable String subject,
            @Nullable String tokenId) {
        Predicate<Access> whose() {
            return access -> (subject == null || subject.equals(access.subject()))
                    && (tokenId == null || tokenId.equals(access.tokenId()));
        }

        // Those of a node come after this number.
        long afterAt(String node) {
            int order = node.compareTo(afterNode);
            return order < 0 ? Long.MAX_VALUE : order == 0 ? afterNumber : 0;
        }
    }

    /**
     * What came of it.
     *
     * @param sessions the first {@link Question#limit} of those that answered
     * @param silent nodes that did not
     */
    record Found(List<Entry> sessions, Set<String> silent) {
        Found {
            sessions = List.copyOf(sessions);
        }
    }

    /** Answers that are waited for; belongs to the loop of who asked. */
    private final class Pending {
        final Loop loop;
        final int limit;
        final Consumer<Found> answer;
        final long id;
        final Set<String> awaited;
        final List<Entry> found = new ArrayList<>();
        boolean done;

        Pending(Question question, Loop loop, Consumer<Found> answer) {
            this.loop = loop;
            this.limit = question.limit();
            this.answer = answer;
            this.id = ThreadLocalRandom.current().nextLong();
            this.awaited = new HashSet<>(nodes.living());
        }

        void answered(String node, @Nullable List<Entry> sessions) {
            if (done || sessions == null || !awaited.remove(node)) return;
            found.addAll(sessions);
            if (awaited.isEmpty()) finish();
        }

        void finish() {
            if (done) return;
            done = true;
            pending.remove(id);
            found.sort(ORDER);
            answer.accept(new Found(found.subList(0, Math.min(limit, found.size())), new TreeSet<>(awaited)));
        }
    }

    private final Nodes nodes;
    private final Shelf shelf;
    private final Seal seal;
    private final Sessions sessions;
    private final Form form;
    private final Loop loop;
    private final Map<Long, Pending> pending = new ConcurrentHashMap<>(); // at most ASKED_MAX
    private final AtomicInteger asked = new AtomicInteger();
    private final AtomicInteger answering = new AtomicInteger();

    /**
     * @param seal of all nodes
     * @param loop where questions of others are answered
     */
    public SessionsOfAll(Nodes nodes, Shelf shelf, Seal seal, Sessions sessions, Loop loop) {
        this.nodes = nodes;
        this.shelf = shelf;
        this.seal = seal;
        this.sessions = sessions;
        this.form = SessionHandler::json;
        this.loop = loop;
        nodes.listen(this);
    }

    // ---- asking ----

    /**
     * @param caller the loop that calls, where the answer comes
     * @return false if too many ask; then there is no answer
     */
    boolean ask(Question question, Loop caller, Consumer<Found> answer) {
        if (asked.incrementAndGet() > ASKED_MAX) {
            asked.decrementAndGet();
            return false;
        }
        Pending waits = new Pending(question, caller, found -> {
            asked.decrementAndGet();
            answer.accept(found);
        });
        pending.put(waits.id, waits);
        caller.after(WAIT_MILLIS, waits::finish);
        if (waits.awaited.size() > 1) nodes.tell(Topic.SESSIONS, bytes(waits.id, question));
        here(question, caller, found -> waits.answered(nodes.id(), found));
        return true;
    }

    private void here(Question question, Loop caller, Consumer<List<Entry>> answer) {
        sessions.list(question.afterAt(nodes.id()), question.limit(), question.whose(), caller, found -> {
            List<Entry> entries = new ArrayList<>(found.size());
            for (Session session : found) {
                entries.add(new Entry(nodes.id(), session.number(), form.of(nodes.id(), session)));
            }
            answer.accept(entries);
        });
    }

    // ---- what others tell ----

    @Override
    public void told(String from, Topic topic, byte[] message) {
        if (topic != Topic.SESSIONS) return;
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(message))) {
            byte kind = in.readByte();
            long id = in.readLong();
            if (kind == QUESTION) answer(id, question(in));
            else if (kind == ANSWER) take(id, from);
        } catch (IOException | IllegalArgumentException garbled) {
            // of another version; who asked finds out that this node is silent
        }
    }

    private void answer(long id, Question question) {
        if (answering.incrementAndGet() > ANSWERED_MAX) {
            answering.decrementAndGet();
            return;
        }
        here(
                question,
                loop,
                found ->
                        shelf.lay(key(id, nodes.id()), null, 0, seal.sealed(bytes(found)), ANSWER_LIFE_MILLIS, laid -> {
                            answering.decrementAndGet();
                            if (laid == Shelf.Laid.LAID) nodes.tell(Topic.SESSIONS, answerBytes(id));
                        }));
    }

    private void take(long id, String from) {
        Pending waits = pending.get(id);
        if (waits == null) return;
        shelf.take(key(id, from), taken -> {
            if (!(taken instanceof Shelf.Taken.Found(byte[] sealed))) return;
            byte[] content = seal.opened(sealed);
            if (content == null) return;
            List<Entry> found = entries(from, content);
            waits.loop.execute(() -> waits.answered(from, found));
        });
    }

    private static String key(long id, String node) {
        return "sessions-" + Long.toHexString(id) + "-" + node;
    }

    // ---- as bytes ----

    private static byte[] bytes(long id, Question question) {
        return written(out -> {
            out.writeByte(QUESTION);
            out.writeLong(id);
            out.writeUTF(question.afterNode());
            out.writeLong(question.afterNumber());
            out.writeInt(question.limit());
            write(question.subject(), out);
            write(question.tokenId(), out);
        });
    }

    private static Question question(DataInputStream in) throws IOException {
        String afterNode = in.readUTF();
        long afterNumber = in.readLong();
        int limit = in.readInt();
        if (limit < 1 || limit > SessionHandler.LIMIT_MAX + 1) throw new IOException("a limit of " + limit);
        return new Question(afterNode, afterNumber, limit, read(in), read(in));
    }

    private static byte[] answerBytes(long id) {
        return written(out -> {
            out.writeByte(ANSWER);
            out.writeLong(id);
        });
    }

    private static byte[] bytes(List<Entry> entries) {
        return written(out -> {
            out.writeInt(entries.size());
            for (Entry entry : entries) {
                out.writeLong(entry.number());
                out.writeUTF(entry.json());
            }
        });
    }

    // Null if it is of another version.
    private static @Nullable List<Entry> entries(String node, byte[] content) {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(content))) {
            int count = in.readInt();
            if (count < 0 || count > SessionHandler.LIMIT_MAX + 1) return null;
            List<Entry> entries = new ArrayList<>(count);
            for (int i = 0; i < count; i++) entries.add(new Entry(node, in.readLong(), in.readUTF()));
            return entries;
        } catch (IOException cutOff) {
            return null;
        }
    }

    private static void write(@Nullable String text, DataOutputStream out) throws IOException {
        out.writeBoolean(text != null);
        if (text != null) out.writeUTF(text);
    }

    private static @Nullable String read(DataInputStream in) throws IOException {
        return in.readBoolean() ? in.readUTF() : null;
    }

    private interface Writing {
        void to(DataOutputStream out) throws IOException;
    }

    private static byte[] written(Writing writing) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            writing.to(out);
        } catch (IOException e) {
            throw new UncheckedIOException("in memory", e);
        }
        return bytes.toByteArray();
    }
}
