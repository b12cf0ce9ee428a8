/**
 * Time as an argument: the current moment, and a call later.
 * It must not read a clock; whoever assembles the program hands one in.
 */
@NullMarked
package io.switchboard.core.time;

import org.jspecify.annotations.NullMarked;
