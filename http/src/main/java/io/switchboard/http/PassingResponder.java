package io.switchboard.http;

import io.switchboard.core.access.Access;
import io.switchboard.core.time.Loop;
import io.switchboard.http.caller.Caller;
import io.switchboard.http.websocket.Handshake;
import org.jspecify.annotations.Nullable;

/** A way back through another one. What somebody adds to answers on their way is said in {@link #onItsWay}. */
public abstract class PassingResponder implements Responder {
    private final Responder responder;

    protected PassingResponder(Responder responder) {
        this.responder = responder;
    }

    /** Called once for each answer, before it goes on; not for the answer to a handshake. */
    protected abstract void onItsWay(Response response);

    @Override
    public Loop loop() {
        return responder.loop();
    }

    @Override
    public Caller caller() {
        return responder.caller();
    }

    @Override
    public boolean sendsFiles() {
        return responder.sendsFiles();
    }

    @Override
    public void admit(Access access) {
        responder.admit(access);
    }

    @Override
    public void send(Response response) {
        onItsWay(response);
        responder.send(response);
    }

    @Override
    public Sink stream(Response head, Waiting owner) {
        onItsWay(head);
        return responder.stream(head, owner);
    }

    @Override
    public void await(Waiting waiter, long atMillis) {
        responder.await(waiter, atMillis);
    }

    @Override
    public void upgrade(Handshake handshake, @Nullable String subprotocol, SocketOwner owner) {
        responder.upgrade(handshake, subprotocol, owner);
    }
}
