//! How much of a name, an account or a code may stand on a screen that others see too.

const HIDDEN: char = '*';

/// Surnames of two characters, of which both are shown.
const COMPOUND_SURNAMES: &[&str] = &[
    "欧阳", "司马", "上官", "诸葛", "司徒", "东方", "独孤", "南宫", "夏侯", "皇甫", "尉迟", "公孙", "慕容",
    "令狐", "长孙", "宇文", "端木", "申屠", "轩辕", "百里", "东郭", "公羊", "闻人", "濮阳", "淳于", "太史",
    "歐陽", "司馬", "諸葛", "東方", "獨孤", "南宮", "尉遲", "公孫", "長孫", "軒轅",
];

/// A payment code: at most its first two and its last four characters.
pub(super) fn code(code: &str) -> String {
    if code.chars().count() < 12 {
        return safe(code, stars(code.chars().count()));
    }
    safe(code, ends(code, 2, 4))
}

/// A user id (2088…): its first four and its last four characters.
pub(super) fn user_id(id: &str) -> String {
    let count = id.chars().count();
    safe(id, if count < 12 { stars(count) } else { ends(id, 4, 4) })
}

/// A name: of Chinese, Japanese and Korean ones the first character (a surname of two whole), of others the first letter
/// of each word.
pub(super) fn name(name: &str) -> String {
    if is_masked(name) {
        return name.to_owned();
    }
    let mut masked = String::new();
    let mut word = String::new();
    for c in name.chars() {
        if c.is_whitespace() || matches!(c, '·' | '•' | '・' | '‧') {
            masked.push_str(&name_word(&word));
            masked.push(c);
            word.clear();
        } else {
            word.push(c);
        }
    }
    masked.push_str(&name_word(&word));
    safe(name, masked)
}

/// A login account: of an e-mail address the first letter and the domain, of a phone number its first three and last four
/// digits where it is long enough.
pub(super) fn login(login: &str) -> String {
    if is_masked(login) {
        return login.to_owned();
    }
    let masked = match login.rsplit_once('@') {
        Some((local, domain)) if !domain.is_empty() => format!("{}@{domain}", first_letter(local)),
        _ if login.chars().all(|c| c.is_ascii_digit() || "+-() ".contains(c)) => phone(login),
        _ => first_letter(login),
    };
    safe(login, masked)
}

/// The provider may have masked it already; what it shows then is what it means to be shown.
fn is_masked(text: &str) -> bool {
    text.contains([HIDDEN, '＊'])
}

fn name_word(word: &str) -> String {
    let count = word.chars().count();
    if count < 2 {
        return stars(count);
    }
    if !word.chars().any(is_east_asian) {
        return first_letter(word);
    }
    let has_compound_surname = count > 2 && COMPOUND_SURNAMES.iter().any(|surname| word.starts_with(surname));
    ends(word, if has_compound_surname { 2 } else { 1 }, 0)
}

fn is_east_asian(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3105}'..='\u{312f}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}'
        | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{323af}')
}

fn phone(number: &str) -> String {
    let digits = number.chars().filter(char::is_ascii_digit).count();
    let (first, last) = match digits {
        11.. => (3, 4),
        7..=10 => (0, 2),
        _ => (0, 0),
    };
    let mut seen = 0;
    let mut masked = String::new();
    for c in number.chars() {
        if !c.is_ascii_digit() {
            masked.push(c);
            continue;
        }
        masked.push(if seen < first || seen >= digits - last { c } else { HIDDEN });
        seen += 1;
    }
    masked
}

/// Always as many stars, so that not even the length is told; the letter only where it is not the whole.
fn first_letter(text: &str) -> String {
    let shown: String = text.chars().take(usize::from(text.chars().nth(1).is_some())).collect();
    shown + &stars(3)
}

fn ends(text: &str, first: usize, last: usize) -> String {
    let count = text.chars().count();
    text.chars()
        .enumerate()
        .map(|(at, c)| if at < first || at >= count.saturating_sub(last) { c } else { HIDDEN })
        .collect()
}

fn stars(count: usize) -> String {
    HIDDEN.to_string().repeat(count)
}

/// Texts of nothing but separators would come out as they are: whatever still holds the whole is hidden altogether.
fn safe(original: &str, masked: String) -> String {
    if !original.is_empty() && masked.contains(original) { stars(3) } else { masked }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chinese_name_keeps_its_surname_and_a_latin_one_the_first_letters() {
        for (given, shown) in [
            ("张三", "张*"),
            ("张三丰", "张**"),
            ("欧阳修", "欧阳*"),
            ("欧阳询之", "欧阳**"),
            ("欧阳", "欧*"),
            ("阿凡提·买买提", "阿**·买**"),
            ("李", "*"),
            ("金正恩", "金**"),
            ("김철수", "김**"),
            ("WANG XIAOMING", "W*** X***"),
            ("J Li", "* L***"),
            ("José", "J***"),
            ("张*", "张*"),
            ("*三", "*三"),
        ] {
            assert_eq!(name(given), shown, "{given}");
        }
    }

    #[test]
    fn a_phone_number_keeps_its_ends_only_where_it_is_long_enough() {
        for (given, shown) in [
            ("13812345678", "138****5678"),
            ("138****1234", "138****1234"),
            ("+86 13812345678", "+86 1******5678"),
            ("91234567", "******67"),
            ("65-91234567", "**-******67"),
            ("12345", "*****"),
            ("traveller@example.com", "t***@example.com"),
            ("a@example.com", "***@example.com"),
            ("two@at@example.com", "t***@example.com"),
            ("nickname", "n***"),
            ("x", "***"),
        ] {
            assert_eq!(login(given), shown, "{given}");
        }
    }

    #[test]
    fn a_code_keeps_two_and_four_and_a_user_id_four_and_four() {
        assert_eq!(code("281234567890123456"), "28************3456");
        assert_eq!(code("28123"), "*****");
        assert_eq!(user_id("2088102150470001"), "2088********0001");
        assert_eq!(user_id("2088"), "****");
    }
}
