package io.switchboard.core.channel;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Consecutive messages of one channel and one generation, in one byte array: the unit in which
 * messages are committed, cached, stored and read. Immutable, so any thread may read it.
 *
 * <p>The array is the format on disk as well (docs/storage-format.md); all numbers are big-endian:
 *
 * <pre>
 *   0  u8  version (1)
 *   1  u8  flags: bit 0 set when the first message continues the append of the block before
 *   2  u16 number of subjects
 *   4  i32 number of messages, n, 1 or more
 *   8  i32 number of appends, a, 1 or more
 *  12  i32 where the payload begins, p
 *  16  i64 generation
 *  24  i64 sequence of the first message
 *  32  i64 payload bytes of the channel before this block
 *  40  n × i32 where each message ends, counted from p
 *      a × (i32 index of its first message, i64 commit time in ms, i32 subject or -1)
 *      subjects: u16 length, UTF-8
 *   p  the messages, end to end
 * </pre>
 */
public final class Block {
    public static final int VERSION = 1;
    public static final int SUBJECT_LENGTH_MAX = 1024;

    /** Blocks are merged up to this size; a larger one holds a single append. */
    public static final int TARGET_BYTES = 64 * 1024;

    static final int HEADER = 40;
    private static final int APPEND_ENTRY = 16;
    private static final int CONTINUES = 1;
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle SHORT = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);

    private final byte[] bytes;
    private final int count;
    private final int appends;
    private final int payloadStart;
    private final long generation;
    private final long firstSequence;
    private final long bytesBefore;

    private Block(byte[] bytes) {
        this.bytes = bytes;
        this.count = i32(4);
        this.appends = i32(8);
        this.payloadStart = i32(12);
        this.generation = i64(16);
        this.firstSequence = i64(24);
        this.bytesBefore = i64(32);
    }

    /**
     * The block that {@code bytes} holds; it keeps the array, which nobody may change any more.
     *
     * @throws IllegalArgumentException if the bytes are no block of this version
     */
    public static Block of(byte[] bytes) {
        if (bytes.length < HEADER) throw new IllegalArgumentException("a block has a header");
        if (bytes[0] != VERSION)
            throw new IllegalArgumentException("block version " + bytes[0] + ", expected " + VERSION);
        Block block = new Block(bytes);
        long indexEnd = HEADER + 4L * block.count + (long) APPEND_ENTRY * block.appends;
        if (block.count < 1
                || block.appends < 1
                || block.appends > block.count
                || indexEnd > block.payloadStart
                || block.payloadStart > bytes.length
                || block.firstSequence < 1
                || block.firstSequence > Offset.PART_MAX - block.count
                || block.generation < 0
                || block.generation > Offset.PART_MAX
                || block.bytesBefore < 0) {
            throw new IllegalArgumentException("damaged block header");
        }
        int end = 0;
        for (int i = 0; i < block.count; i++) {
            int next = block.i32(HEADER + 4 * i);
            if (next < end) throw new IllegalArgumentException("damaged block index");
            end = next;
        }
        if (block.payloadStart + (long) end != bytes.length) throw new IllegalArgumentException("damaged block length");
        int subjects = block.countOfSubjects();
        int first = 0;
        for (int a = 0; a < block.appends; a++) {
            int index = block.i32(block.appendAt(a));
            int subject = block.i32(block.appendAt(a) + 12);
            if ((a == 0 ? index != 0 : index <= first || index >= block.count) || subject < -1 || subject >= subjects) {
                throw new IllegalArgumentException("damaged block appends");
            }
            first = index;
        }
        int at = block.appendAt(block.appends);
        for (int i = 0; i < subjects; i++) {
            int length = block.payloadStart - at < 2 ? SUBJECT_LENGTH_MAX + 1 : block.u16(at);
            if (length > SUBJECT_LENGTH_MAX) throw new IllegalArgumentException("damaged block subjects");
            at += 2 + length;
        }
        if (at != block.payloadStart) throw new IllegalArgumentException("damaged block subjects");
        return block;
    }

    private int i32(int at) {
        return (int) INT.get(bytes, at);
    }

    private long i64(int at) {
        return (long) LONG.get(bytes, at);
    }

    private int u16(int at) {
        return Short.toUnsignedInt((short) SHORT.get(bytes, at));
    }

    private int countOfSubjects() {
        return u16(2);
    }

    private int appendAt(int append) {
        return HEADER + 4 * count + APPEND_ENTRY * append;
    }

    /** The block as stored; not to be changed. */
    public byte[] bytes() {
        return bytes;
    }

    public long generation() {
        return generation;
    }

    /** Sequence of the first message, 1 or more. */
    public long firstSequence() {
        return firstSequence;
    }

    public long lastSequence() {
        return firstSequence + count - 1;
    }

    public Offset lastOffset() {
        return new Offset(generation, lastSequence());
    }

    public int count() {
        return count;
    }

    /** Payload bytes of the channel before this block. */
    public long bytesBefore() {
        return bytesBefore;
    }

    public int payloadBytes() {
        return bytes.length - payloadStart;
    }

    /** Where message {@code index} (0 to count - 1) begins in {@link #bytes()}. */
    public int start(int index) {
        return index == 0 ? payloadStart : payloadStart + i32(HEADER + 4 * (index - 1));
    }

    /** Where message {@code index} (0 to count - 1) ends in {@link #bytes()}. */
    public int end(int index) {
        return payloadStart + i32(HEADER + 4 * index);
    }

    public byte[] message(int index) {
        return java.util.Arrays.copyOfRange(bytes, start(index), end(index));
    }

    /** When message {@code index} was committed, milliseconds since 1970. */
    public long timeMillis(int index) {
        return i64(appendAt(appendOf(index)) + 4);
    }

    /** Who appended message {@code index}; null for anonymous. */
    public @Nullable String subject(int index) {
        int subject = i32(appendAt(appendOf(index)) + 12);
        return subject < 0 ? null : subjects().get(subject);
    }

    /** Whether message {@code index} is the first of its append. */
    public boolean startsAppend(int index) {
        return i32(appendAt(appendOf(index))) == index && !(index == 0 && (bytes[1] & CONTINUES) != 0);
    }

    private int appendOf(int index) {
        int low = 0;
        int high = appends - 1;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (i32(appendAt(middle)) <= index) low = middle;
            else high = middle - 1;
        }
        return low;
    }

    private List<String> subjects() {
        int n = countOfSubjects();
        List<String> subjects = new ArrayList<>(n);
        int at = appendAt(appends);
        for (int i = 0; i < n; i++) {
            int length = u16(at);
            subjects.add(new String(bytes, at + 2, length, StandardCharsets.UTF_8));
            at += 2 + length;
        }
        return subjects;
    }

    /** The same messages in another place: in this generation, behind other messages, committed at this moment. */
    public Block placed(long newGeneration, long newFirstSequence, long newBytesBefore, long timeMillis) {
        byte[] b = bytes.clone();
        LONG.set(b, 16, newGeneration);
        LONG.set(b, 24, newFirstSequence);
        LONG.set(b, 32, newBytesBefore);
        for (int a = 0; a < appends; a++) LONG.set(b, appendAt(a) + 4, timeMillis);
        return new Block(b);
    }

    /** How many appends its messages came with, 1 or more. */
    public int appends() {
        return appends;
    }

    @Override
    public String toString() {
        return "Block[" + generation + "_" + firstSequence + ".." + lastSequence() + "]";
    }

    /**
     * The length of the block that begins with {@code head}.
     *
     * @throws IllegalArgumentException if this is no {@link #head}
     */
    public static int lengthOf(byte[] head) {
        int count = head.length < HEADER ? 0 : (int) INT.get(head, 4);
        if (count < 1 || (head.length - HEADER) / 4 < count || (int) INT.get(head, 12) != head.length) {
            throw new IllegalArgumentException("damaged block head");
        }
        int end = (int) INT.get(head, HEADER + 4 * (count - 1));
        if (end < 0 || end > Integer.MAX_VALUE - head.length) throw new IllegalArgumentException("damaged block head");
        return head.length + end;
    }

    /** What a block holds before its payload: where each message is, and the rest. */
    public byte[] head() {
        return java.util.Arrays.copyOf(bytes, payloadStart);
    }

    /** Gathers appends into a block. One thread; used once. */
    public static final class Builder {
        private final long generation;
        private final long firstSequence;
        private final long bytesBefore;
        private final List<byte[]> parts = new ArrayList<>();
        private final List<int[]> spans = new ArrayList<>(); // per part: from, to in the part's bytes
        private final List<String> subjects = new ArrayList<>();
        private int[] ends = new int[8];
        private int count;
        private int payload;
        private int[] appendFirst = new int[4];
        private int[] appendSubject = new int[4];
        private long[] appendTime = new long[4];
        private int appends;
        private boolean firstContinues;

        /** @param firstSequence of the first message to come, 1 or more */
        public Builder(long generation, long firstSequence, long bytesBefore) {
            this.generation = generation;
            this.firstSequence = firstSequence;
            this.bytesBefore = bytesBefore;
        }

        /** Adds the messages of one append, 1 or more. */
        public Builder append(Payloads payloads, long timeMillis, @Nullable String subject) {
            beginAppend(timeMillis, subject);
            int base = payload;
            for (int end : payloads.ends()) addEnd(base + end);
            addPart(payloads.bytes(), 0, payloads.bytes().length);
            return this;
        }

        /** Adds messages {@code from} (inclusive) to {@code to} (exclusive) of {@code block}, with their appends. */
        public Builder copy(Block block, int from, int to) {
            if (count == 0) firstContinues = !block.startsAppend(from);
            for (int i = from; i < to; i++) {
                if (block.startsAppend(i) || count == 0) beginAppend(block.timeMillis(i), block.subject(i));
                addEnd(payload + block.end(i) - block.start(from));
            }
            addPart(block.bytes, block.start(from), block.end(to - 1));
            return this;
        }

        private void beginAppend(long timeMillis, @Nullable String subject) {
            if (appends == appendFirst.length) {
                appendFirst = java.util.Arrays.copyOf(appendFirst, appends * 2);
                appendSubject = java.util.Arrays.copyOf(appendSubject, appends * 2);
                appendTime = java.util.Arrays.copyOf(appendTime, appends * 2);
            }
            appendFirst[appends] = count;
            appendSubject[appends] = subject == null ? -1 : subjectIndex(subject);
            appendTime[appends++] = timeMillis;
        }

        private int subjectIndex(String subject) {
            int known = subjects.indexOf(subject);
            if (known >= 0) return known;
            subjects.add(subject);
            return subjects.size() - 1;
        }

        private void addEnd(int end) {
            if (count == ends.length) ends = java.util.Arrays.copyOf(ends, count * 2);
            ends[count++] = end;
        }

        private void addPart(byte[] part, int from, int to) {
            parts.add(part);
            spans.add(new int[] {from, to});
            payload += to - from;
        }

        public int count() {
            return count;
        }

        public int payloadBytes() {
            return payload;
        }

        /** @throws IllegalStateException if no message was added */
        public Block build() {
            if (count == 0) throw new IllegalStateException("a block has messages");
            List<byte[]> names = new ArrayList<>(subjects.size());
            int nameBytes = 0;
            for (String subject : subjects) {
                byte[] name = subject.getBytes(StandardCharsets.UTF_8);
                if (name.length > SUBJECT_LENGTH_MAX) throw new IllegalArgumentException("subject too long");
                names.add(name);
                nameBytes += 2 + name.length;
            }
            int payloadStart = HEADER + 4 * count + APPEND_ENTRY * appends + nameBytes;
            byte[] b = new byte[Math.addExact(payloadStart, payload)];
            b[0] = VERSION;
            b[1] = (byte) (firstContinues ? CONTINUES : 0);
            SHORT.set(b, 2, (short) names.size());
            INT.set(b, 4, count);
            INT.set(b, 8, appends);
            INT.set(b, 12, payloadStart);
            LONG.set(b, 16, generation);
            LONG.set(b, 24, firstSequence);
            LONG.set(b, 32, bytesBefore);
            int at = HEADER;
            for (int i = 0; i < count; i++, at += 4) INT.set(b, at, ends[i]);
            for (int i = 0; i < appends; i++, at += APPEND_ENTRY) {
                INT.set(b, at, appendFirst[i]);
                LONG.set(b, at + 4, appendTime[i]);
                INT.set(b, at + 12, appendSubject[i]);
            }
            for (byte[] name : names) {
                SHORT.set(b, at, (short) name.length);
                System.arraycopy(name, 0, b, at + 2, name.length);
                at += 2 + name.length;
            }
            for (int i = 0; i < parts.size(); i++) {
                int[] span = spans.get(i);
                System.arraycopy(parts.get(i), span[0], b, at, span[1] - span[0]);
                at += span[1] - span[0];
            }
            return new Block(b);
        }
    }
}
