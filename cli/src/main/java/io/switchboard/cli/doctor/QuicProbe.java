package io.switchboard.cli.doctor;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Arrays;

/**
 * Whether QUIC is spoken at a port of UDP, found out without speaking it: who is asked for a version that nobody has answers
 * with those that it has (RFC 9000, section 6). One datagram goes out, and again if nothing comes.
 */
final class QuicProbe {
    static final int DATAGRAM_BYTES = 1_200; // less is not answered (RFC 9000, section 14.1)
    static final int ID_BYTES = 8;

    private static final int TRIES = 3;
    private static final int STRANGERS_MAX = 16; // datagrams that are no answer, for each try
    private static final int NO_VERSION = 0x1a2a3a4a; // kept free for this (RFC 9000, section 15)
    private static final int LONG_HEADER = 0xc0;
    private static final int VERSIONS_AT = 1 + Integer.BYTES + 1 + ID_BYTES + 1 + ID_BYTES;

    private final byte[] theirs = new byte[ID_BYTES]; // names of a connection that there will never be
    private final byte[] ours = new byte[ID_BYTES];

    QuicProbe() {
        SecureRandom dice = new SecureRandom();
        dice.nextBytes(theirs);
        dice.nextBytes(ours);
    }

    /** What is sent. */
    byte[] question() {
        ByteBuffer packet = ByteBuffer.allocate(DATAGRAM_BYTES);
        packet.put((byte) LONG_HEADER).putInt(NO_VERSION);
        packet.put((byte) ID_BYTES).put(theirs).put((byte) ID_BYTES).put(ours);
        return packet.array();
    }

    /** Whether that is the answer to it: a list of versions, for the two names that were given. */
    boolean isAnswer(byte[] packet) {
        if (packet.length < VERSIONS_AT + Integer.BYTES || (packet.length - VERSIONS_AT) % Integer.BYTES != 0)
            return false;
        ByteBuffer answer = ByteBuffer.wrap(packet);
        return answer.get() < 0 && answer.getInt() == 0 && isNamed(answer, ours) && isNamed(answer, theirs);
    }

    private static boolean isNamed(ByteBuffer answer, byte[] id) {
        if (answer.get() != ID_BYTES) return false;
        byte[] named = new byte[ID_BYTES];
        answer.get(named);
        return Arrays.equals(named, id);
    }

    /**
     * Asks there.
     *
     * @param patience for all tries together
     * @return whether there was an answer
     */
    boolean isSpokenAt(InetAddress address, int port, Duration patience) {
        long deadline = System.nanoTime() + patience.toNanos();
        try (DatagramSocket socket = new DatagramSocket()) {
            socket.connect(address, port);
            for (int left = TRIES; left > 0; left--) {
                byte[] question = question();
                socket.send(new DatagramPacket(question, question.length));
                if (answers(socket, System.nanoTime() + (deadline - System.nanoTime()) / left)) return true;
            }
        } catch (IOException unreachable) {
            // nobody listens, or there is no way
        }
        return false;
    }

    private boolean answers(DatagramSocket socket, long until) throws IOException {
        DatagramPacket packet = new DatagramPacket(new byte[DATAGRAM_BYTES], DATAGRAM_BYTES);
        for (int i = 0; i < STRANGERS_MAX; i++) {
            long millis = (until - System.nanoTime()) / 1_000_000;
            if (millis <= 0) return false;
            socket.setSoTimeout((int) millis);
            try {
                packet.setLength(DATAGRAM_BYTES);
                socket.receive(packet);
            } catch (SocketTimeoutException late) {
                return false;
            }
            if (isAnswer(Arrays.copyOf(packet.getData(), packet.getLength()))) return true;
        }
        return false;
    }
}
