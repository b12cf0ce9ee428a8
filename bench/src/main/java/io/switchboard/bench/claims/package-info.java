/**
 * What people say of polling, event streams and WebSockets, each as an experiment: a claim, what is measured for it on real
 * sockets against a server of the tool's own, and by which rule that makes it true or not. It knows how to measure and how to
 * tell, and prints nothing.
 */
@NullMarked
package io.switchboard.bench.claims;

import org.jspecify.annotations.NullMarked;
