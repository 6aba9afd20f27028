//! Draws by hand: what random histories say too little of.

mod desk;
mod hidden;
mod large;
mod life;
mod order;
mod tickets;
